"""Writes models whose outputs do not begin with the rows, or whose rows depend on each other, and some that only look so: rows_*.onnx.

    python3 -m venv /tmp/rows && /tmp/rows/bin/pip install onnx scikit-learn skl2onnx
    /tmp/rows/bin/python Tests/ModelRuntimeTests/Models/make_rows.py

The files are committed; running this again is only needed to change them.
"""

import pathlib

import numpy
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier

HERE = pathlib.Path(__file__).parent
WIDTH = 3

random = numpy.random.RandomState(3)


def tensor(name, shape, kind=T.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def floats(name, values):
    return numpy_helper.from_array(numpy.asarray(values, dtype=numpy.float32), name)


def integers(name, values):
    return numpy_helper.from_array(numpy.asarray(values, dtype=numpy.int64), name)


def node(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs, outputs, **attributes)


def save(name, nodes, outputs, initializers=(), inputs=None, opset=17):
    inputs = inputs or [tensor("input", ["batch", WIDTH])]
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), HERE / f"rows_{name}.onnx")


def gru(directions, hidden):
    """Weights of a recurrent layer, and a node that runs it over a sequence of one step: [1, batch, WIDTH]."""
    weights = [
        floats("w", random.randn(directions, 3 * hidden, WIDTH) / 2), floats("r", random.randn(directions, 3 * hidden, hidden) / 2),
        integers("step", [0]),
    ]
    direction = "bidirectional" if directions == 2 else "forward"
    return weights, [
        node("Unsqueeze", ["input", "step"], ["sequence"]),
        node("GRU", ["sequence", "w", "r"], ["", "hidden"], hidden_size=hidden, direction=direction),
    ]


def labels_first():
    """scikit-learn's forest for two labels at once: the probabilities are [labels, rows, classes]."""
    x = random.randn(200, WIDTH).astype(numpy.float32)
    y = numpy.stack([x[:, 0] > 0, x[:, 1] + x[:, 2] > 0], axis=1).astype(int)
    forest = RandomForestClassifier(3, max_depth=3, random_state=1).fit(x, y)
    model = to_onnx(
        forest, x[:1], options={id(forest): {"zipmap": False}}, target_opset={"": 17, "ai.onnx.ml": 3},
        name="labels_first")
    (HERE / "rows_labels_first.onnx").write_bytes(model.SerializeToString())


def directions_first():
    """The last hidden state of a recurrent layer is [directions, rows, hidden]; "state" is the same with the rows first."""
    weights, nodes = gru(2, 2)
    nodes += [
        node("Transpose", ["hidden"], ["turned"], perm=[1, 0, 2]),
        node("Reshape", ["turned", "flat"], ["state"]),
    ]
    save("directions_first", nodes, [tensor("hidden", [2, "batch", 2]), tensor("state", ["batch", 4])],
         weights + [integers("flat", [-1, 4])])


def one_direction():
    """The same with one direction, and with a shape that says nothing: one row alone fits."""
    weights, nodes = gru(1, 2)
    save("one_direction", nodes, [tensor("hidden", [None, None, 2])], weights)


def rows_second():
    save("second", [node("Transpose", ["input"], ["turned"], perm=[1, 0])], [tensor("turned", [None, None])])


def softmax():
    save("softmax", [node("Softmax", ["input"], ["share"], axis=0)], [tensor("share", ["batch", WIDTH])])


def centred():
    """Statistics of the batch, as of a batch normalization that was left in training."""
    nodes = [
        node("ReduceMean", ["input"], ["mean"], axes=[0], keepdims=1),
        node("Sub", ["input", "mean"], ["centred"]),
    ]
    save("centred", nodes, [tensor("centred", ["batch", WIDTH])])


def sequence():
    """The rows stand where the steps of a sequence belong: each depends on those before it."""
    weights, nodes = gru(1, 2)
    nodes = [
        node("Unsqueeze", ["input", "step"], ["sequence"]),
        node("GRU", ["sequence", "w", "r"], ["steps", ""], hidden_size=2, direction="forward"),
        node("Reshape", ["steps", "flat"], ["state"]),
    ]
    step = integers("step", [1])
    save("sequence", nodes, [tensor("state", ["batch", 2])], weights[:2] + [step, integers("flat", [-1, 2])])


def quantized():
    """Quantized with the largest number of the whole batch, as quantize_dynamic makes it."""
    nodes = [
        node("DynamicQuantizeLinear", ["input"], ["q", "scale", "zero"]),
        node("DequantizeLinear", ["q", "scale", "zero"], ["rounded"]),
        node("MatMul", ["rounded", "weights"], ["score"]),
    ]
    save("quantized", nodes, [tensor("score", ["batch", 2])], [floats("weights", random.randn(WIDTH, 2))])


def noisy():
    """Another answer every time, as with a dropout that was left on."""
    nodes = [
        node("RandomUniformLike", ["input"], ["noise"]),
        node("Add", ["input", "noise"], ["noisy"]),
    ]
    save("noisy", nodes, [tensor("noisy", ["batch", WIDTH])])


def squeezed():
    """PyTorch's squeeze() without a dimension: [rows, 1] becomes [rows], and one row a single number."""
    nodes = [
        node("ReduceSum", ["input"], ["sum"], axes=[1], keepdims=1),
        node("Squeeze", ["sum"], ["score"]),
    ]
    save("squeezed", nodes, [helper.make_tensor_value_info("score", T.FLOAT, None)], opset=11)


def of_two():
    """Traced with a batch of two, which a Reshape has kept."""
    save("of_two", [node("Reshape", ["input", "shape"], ["same"])], [tensor("same", ["batch", WIDTH])],
         [integers("shape", [2, WIDTH])])


def of_one():
    """Traced with one row: more of them don't fit the weights."""
    nodes = [
        node("Reshape", ["input", "shape"], ["flat"]),
        node("MatMul", ["flat", "weights"], ["score"]),
    ]
    save("of_one", nodes, [tensor("score", ["batch", 2])],
         [integers("shape", [1, -1]), floats("weights", random.randn(WIDTH, 2))])


def known_words():
    """Fails with a word that training did not see, as scikit-learn's OneHotEncoder does. "twice" has every row twice."""
    encoder = helper.make_node(
        "OneHotEncoder", ["word"], ["hot"], domain="ai.onnx.ml", cats_strings=["Chair", "Table"], zeros=0)
    twice = node("Concat", ["hot", "hot"], ["twice"], axis=0)
    save("known_words", [encoder, twice], [tensor("hot", ["batch", 1, 2]), tensor("twice", [None, 1, 2])], inputs=[tensor("word", ["batch", 1], T.STRING)])


def linear():
    """A linear regression: its rows are independent, but for the last bits, since one row alone is added up in another order."""
    regression = helper.make_node(
        "LinearRegressor", ["input"], ["value"], domain="ai.onnx.ml", coefficients=random.randn(64).tolist(), intercepts=[0.5])
    save("linear", [regression], [tensor("value", ["batch", 1])], inputs=[tensor("input", ["batch", 64])])


def unknown_rank():
    """Rows first, but no shape is known before it runs."""
    nodes = [
        node("Shape", ["input"], ["shape"]),
        node("NonZero", ["shape"], ["places"]),
        node("Squeeze", ["places"], ["flat"]),
        node("Gather", ["shape", "flat"], ["kept"]),
        node("Reshape", ["input", "kept"], ["same"]),
    ]
    save("unknown_rank", nodes, [helper.make_tensor_value_info("same", T.FLOAT, None)])


def embedding():
    """Looks two numbers up in a table of two lines each; any other number fails."""
    save("embedding", [node("Gather", ["table", "ids"], ["vectors"], axis=0)], [tensor("vectors", ["batch", 2, 2])],
         [floats("table", [[0.5, -1], [2, 4]])], inputs=[tensor("ids", ["batch", 2], T.INT64)])


def fixed_labels():
    """One row a run: whatever comes back is that row's, wherever its dimension is."""
    nodes = [
        node("Transpose", ["input"], ["turned"], perm=[1, 0]),
        node("ReduceSum", ["input", "axis"], ["total"], keepdims=0),
    ]
    save("fixed_labels", nodes, [tensor("turned", [WIDTH, 1]), tensor("total", [])], [integers("axis", [0, 1])],
         inputs=[tensor("input", [1, WIDTH])])


labels_first()
directions_first()
one_direction()
rows_second()
softmax()
centred()
sequence()
quantized()
noisy()
squeezed()
of_two()
of_one()
known_words()
linear()
unknown_rank()
embedding()
fixed_labels()
