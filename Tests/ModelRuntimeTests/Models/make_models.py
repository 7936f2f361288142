"""Writes the models of these tests, and what onnxruntime's Python package makes of them (expected.json).

    python3 -m venv /tmp/models && /tmp/models/bin/pip install onnx onnxruntime
    /tmp/models/bin/python Tests/ModelRuntimeTests/Models/make_models.py

The files are committed; running this again is only needed to change them.
"""

import json
import pathlib

import numpy
import onnx
import onnxruntime
from onnx import TensorProto as T
from onnx import helper, numpy_helper

HERE = pathlib.Path(__file__).parent
OPSETS = [helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 2)]


def tensor(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, inputs, outputs, initializers=(), opsets=OPSETS, check=True, ir_version=8, **fields):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ir_version, producer_name="make_models", **fields)
    if check:
        onnx.checker.check_model(model)
    onnx.save(model, HERE / f"{name}.onnx")


def node(operator, inputs, outputs, domain="", **attributes):
    return helper.make_node(operator, inputs, outputs, domain=domain, **attributes)


def floats(name, values):
    values = numpy.asarray(values, dtype=numpy.float32)
    return helper.make_tensor(name, T.FLOAT, values.shape, values.ravel())


def matrix():
    """[N, 3] -> its row sums [N, 1] and itself doubled [N, 3]; with metadata and a version."""
    nodes = [
        node("ReduceSum", ["input", "axis"], ["sum"], keepdims=1),
        node("Add", ["input", "input"], ["doubled"]),
    ]
    axis = helper.make_tensor("axis", T.INT64, [1], [1])
    save("matrix", nodes, [tensor("input", T.FLOAT, ["batch", 3])],
         [tensor("sum", T.FLOAT, ["batch", 1]), tensor("doubled", T.FLOAT, ["batch", 3])], [axis],
         model_version=7, domain="test.millrace", doc_string="row sums")
    model = onnx.load(HERE / "matrix.onnx")
    helper.set_model_props(model, {"author": "tests", "threshold": "0.5"})
    onnx.save(model, HERE / "matrix.onnx")


def columns():
    """One column per feature, one of each type, as converters make of a table; an output of each type."""
    nodes = [
        node("Cast", ["amount"], ["amount64"], to=T.DOUBLE),
        node("Cast", ["count"], ["count64"], to=T.DOUBLE),
        node("Cast", ["code"], ["code64"], to=T.DOUBLE),
        node("Cast", ["flag"], ["flag64"], to=T.DOUBLE),
        node("LabelEncoder", ["country"], ["country64"], domain="ai.onnx.ml",
             keys_strings=["NL", "Österreich", ""], values_floats=[100.0, 200.0, 300.0], default_float=-1.0),
        node("Cast", ["country64"], ["countryDouble"], to=T.DOUBLE),
        node("Sum", ["amount64", "ratio", "count64", "code64", "flag64", "countryDouble"], ["total"]),
        node("Identity", ["country"], ["echo"]),
        node("Identity", ["count"], ["counted"]),
        node("Identity", ["code"], ["coded"]),
        node("Not", ["flag"], ["unflagged"]),
        node("Identity", ["amount"], ["paid"]),
    ]
    inputs = [
        tensor("amount", T.FLOAT, [None, 1]), tensor("ratio", T.DOUBLE, [None, 1]), tensor("count", T.INT64, [None, 1]),
        tensor("code", T.INT32, [None, 1]), tensor("flag", T.BOOL, [None, 1]), tensor("country", T.STRING, [None, 1]),
    ]
    outputs = [
        tensor("total", T.DOUBLE, [None, 1]), tensor("echo", T.STRING, [None, 1]), tensor("counted", T.INT64, [None, 1]),
        tensor("coded", T.INT32, [None, 1]), tensor("unflagged", T.BOOL, [None, 1]), tensor("paid", T.FLOAT, [None, 1]),
    ]
    save("columns", nodes, inputs, outputs)


def vector():
    """A column of rank one, and string rows of two."""
    nodes = [
        node("Neg", ["x"], ["negative"]),
        node("Concat", ["words", "words"], ["repeated"], axis=1),
    ]
    save("vector", nodes, [tensor("x", T.FLOAT, [None]), tensor("words", T.STRING, [None, 2])],
         [tensor("negative", T.FLOAT, [None]), tensor("repeated", T.STRING, [None, 4])])


def open_width():
    """[N, ?]: the model takes any number of features."""
    axis = helper.make_tensor("axis", T.INT64, [1], [1])
    save("open_width", [node("ReduceSum", ["input", "axis"], ["sum"], keepdims=1)],
         [tensor("input", T.FLOAT, ["batch", "features"])], [tensor("sum", T.FLOAT, ["batch", 1])], [axis])


TREE = dict(
    nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0], nodes_values=[0.5, 0.0, 0.0],
    nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0],
    class_treeids=[0, 0, 0, 0], class_nodeids=[1, 1, 2, 2], class_ids=[0, 1, 0, 1], class_weights=[0.75, 0.25, 0.125, 0.875])


def tree(name, labels, label_kind):
    """A classifier as converters write one with zipmap off."""
    nodes = [node("TreeEnsembleClassifier", ["input"], ["label", "probabilities"], domain="ai.onnx.ml", **labels, **TREE)]
    save(name, nodes, [tensor("input", T.FLOAT, [None, 2])],
         [tensor("label", label_kind, [None]), tensor("probabilities", T.FLOAT, [None, 2])])


def zipmap():
    """The same with zipmap on, as they do unless told otherwise."""
    nodes = [
        node("TreeEnsembleClassifier", ["input"], ["label", "scores"], domain="ai.onnx.ml", classlabels_int64s=[0, 1], **TREE),
        node("ZipMap", ["scores"], ["output_probability"], domain="ai.onnx.ml", classlabels_int64s=[0, 1]),
    ]
    entry = helper.make_map_type_proto(T.INT64, helper.make_tensor_type_proto(T.FLOAT, []))
    maps = helper.make_value_info("output_probability", helper.make_sequence_type_proto(entry))
    save("zipmap", nodes, [tensor("input", T.FLOAT, [None, 2])], [tensor("label", T.INT64, [None]), maps])


def not_a_number():
    """sqrt: NaN for negative values."""
    save("not_a_number", [node("Sqrt", ["input"], ["root"])], [tensor("input", T.FLOAT, [None, 1])],
         [tensor("root", T.FLOAT, [None, 1])])


def gather():
    """Looks a row's index up in a table of three; any other index fails the whole run."""
    save("gather", [node("Gather", ["table", "index"], ["found"], axis=0)], [tensor("index", T.INT64, [None, 1])],
         [tensor("found", T.FLOAT, [None, 1])], [floats("table", [10, 20, 30])])


def huge():
    """Expands a row to as many elements as it says: memory runs out where that is a lot."""
    one = floats("one", [1])
    nodes = [
        node("ReduceMax", ["size"], ["largest"], keepdims=0),
        node("Unsqueeze", ["largest", "first"], ["shape"]),
        node("Expand", ["one", "shape"], ["filled"]),
        node("ReduceSum", ["filled"], ["total"], keepdims=1),
        node("Cast", ["size"], ["floatSize"], to=T.FLOAT),
        node("Add", ["floatSize", "total"], ["added"]),
    ]
    first = helper.make_tensor("first", T.INT64, [1], [0])
    save("huge", nodes, [tensor("size", T.INT64, [None, 1])], [tensor("added", T.FLOAT, [None, 1])], [one, first])


def fixed_batch(name, rows):
    """Exported without a dynamic first dimension."""
    axis = helper.make_tensor("axis", T.INT64, [1], [1])
    nodes = [
        node("ReduceSum", ["input", "axis"], ["sum"], keepdims=1),
        node("Add", ["input", "input"], ["doubled"]),
        node("Identity", ["word"], ["echo"]),
    ]
    save(name, nodes, [tensor("input", T.FLOAT, [rows, 2]), tensor("word", T.STRING, [rows, 1])],
         [tensor("sum", T.FLOAT, [rows, 1]), tensor("doubled", T.FLOAT, [rows, 2]), tensor("echo", T.STRING, [rows, 1])], [axis])


def no_rows():
    """One number for a whole batch: no row can be told its prediction."""
    save("no_rows", [node("ReduceSum", ["input"], ["total"], keepdims=0)], [tensor("input", T.FLOAT, [None, 1])],
         [tensor("total", T.FLOAT, [])])


def scalar_input():
    save("scalar_input", [node("Neg", ["input"], ["output"])], [tensor("input", T.FLOAT, [])], [tensor("output", T.FLOAT, [])])


def half():
    save("half", [node("Cast", ["input"], ["output"], to=T.FLOAT16)], [tensor("input", T.FLOAT, [None, 1])],
         [tensor("output", T.FLOAT16, [None, 1])])


def bytes_input():
    save("bytes_input", [node("Cast", ["input"], ["output"], to=T.FLOAT)], [tensor("input", T.UINT8, [None, 1])],
         [tensor("output", T.FLOAT, [None, 1])])


def noop():
    """Costs next to nothing: what remains is the cost of running any model."""
    save("noop", [node("Identity", ["input"], ["output"])], [tensor("input", T.FLOAT, [None, 1])],
         [tensor("output", T.FLOAT, [None, 1])])


def external():
    """Its weights lie beside it, in external.onnx.data, as PyTorch's exporter leaves them."""
    weights = numpy.asarray([[1, 2], [3, 4], [5, 6]], dtype=numpy.float32)
    bias = numpy.asarray([10, 20], dtype=numpy.float32)
    save("external", [node("MatMul", ["input", "weights"], ["product"]), node("Add", ["product", "bias"], ["score"])],
         [tensor("input", T.FLOAT, ["batch", 3])], [tensor("score", T.FLOAT, ["batch", 2])],
         [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")])
    model = onnx.load(HERE / "external.onnx")
    (HERE / "external.onnx.data").unlink(missing_ok=True)
    onnx.save(model, HERE / "external.onnx", save_as_external_data=True, location="external.onnx.data", size_threshold=0)


def broken():
    """Files that do not load, each for another reason."""
    x, y = tensor("input", T.FLOAT, [None, 1]), tensor("output", T.FLOAT, [None, 1])
    save("future_opset", [node("Identity", ["input"], ["output"])], [x], [y], opsets=[helper.make_opsetid("", 99)], check=False)
    save("future_format", [node("Identity", ["input"], ["output"])], [x], [y], check=False, ir_version=99)
    save("unknown_operator", [node("Frobnicate", ["input"], ["output"])], [x], [y], check=False)
    (HERE / "corrupt.onnx").write_bytes(b"this is no ONNX model\n" * 3)
    whole = (HERE / "columns.onnx").read_bytes()
    (HERE / "truncated.onnx").write_bytes(whole[: len(whole) // 2])


def array(values, kind):
    return numpy.array(values, dtype=kind)


RUNS = {
    "matrix": {"input": array([[1, 2, 3], [-1.5, 0.25, 1e-3], [1e10, -1e10, 7], [0.1, 0.2, 0.3]], "float32")},
    "columns": {
        "amount": array([[1.5], [-2.25], [1e6]], "float32"), "ratio": array([[1e-12], [3.25], [-7.125]], "float64"),
        "count": array([[9007199254740993], [-4], [0]], "int64"), "code": array([[7], [-2147483648], [2147483647]], "int32"),
        "flag": array([[True], [False], [True]], "bool"), "country": array([["NL"], ["Österreich"], [""]], object),
    },
    "vector": {"x": array([1, -2, 3.5], "float32"), "words": array([["a", "bc"], ["", "ü€😀"], ["d" * 100, "e"]], object)},
    "open_width": {"input": array([[1, 2, 3, 4, 5], [5, 4, 3, 2, -1]], "float32")},
    "tree": {"input": array([[0.2, 0], [0.5, 1], [0.7, 2]], "float32")},
    "tree_named": {"input": array([[0.2, 0], [0.7, 2]], "float32")},
    "not_a_number": {"input": array([[4], [-1], [9]], "float32")},
    "gather": {"index": array([[0], [2], [-1]], "int64")},
    "noop": {"input": array([[1], [2]], "float32")},
}


def expected():
    answers = {}
    for name, inputs in RUNS.items():
        session = onnxruntime.InferenceSession(str(HERE / f"{name}.onnx"), providers=["CPUExecutionProvider"])
        outputs = session.run(None, inputs)
        answers[name] = {
            "inputs": {key: listed(value) for key, value in inputs.items()},
            "outputs": {output.name: listed(value) for output, value in zip(session.get_outputs(), outputs)},
        }
    text = ",\n".join(f" {json.dumps(name)}: {json.dumps(answer, ensure_ascii=False)}" for name, answer in answers.items())
    (HERE / "expected.json").write_text("{\n" + text + "\n}\n", encoding="utf-8")


def listed(values):
    """Rows of plain values; what JSON cannot say is a string."""
    rows = numpy.asarray(values).reshape(len(values), -1).tolist()
    return [["nan" if isinstance(value, float) and value != value else value for value in row] for row in rows]


matrix()
columns()
vector()
open_width()
tree("tree", {"classlabels_int64s": [0, 1]}, T.INT64)
tree("tree_named", {"classlabels_strings": ["genuine", "fraud"]}, T.STRING)
zipmap()
not_a_number()
gather()
huge()
fixed_batch("fixed_batch", 1)
fixed_batch("fixed_batch_of_four", 4)
no_rows()
scalar_input()
half()
bytes_input()
noop()
external()
broken()
expected()
