"""Makes the models of the benchmarks: `python make_models.py` rewrites ffnn.onnx and identity.onnx beside it, byte for byte.

ffnn: the Crayfish paper's dense network, 784-32-32-32-32-10, random weights (what a network knows
costs no time). identity: [N, 25] in (100 bytes), the same out, so that a run measures everything but inference.
"""

import pathlib

import numpy
import onnx
from onnx import TensorProto, helper

WIDTHS = (784, 32, 32, 32, 32, 10)
# Old enough for every ONNX Runtime that Millrace loads.
OPSET, IR_VERSION = 17, 8


def save(name, nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="millrace")
    onnx.checker.check_model(model, full_check=True)
    path = pathlib.Path(__file__).with_name(f"{name}.onnx")
    path.write_bytes(model.SerializeToString(deterministic=True))
    print(f"{path}: {path.stat().st_size} bytes")


def rows(name, width):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width])


def ffnn():
    # RandomState's stream is frozen, unlike default_rng's: the same file whatever numpy makes it.
    random = numpy.random.RandomState(20)
    nodes, initializers, last = [], [], "input"
    for layer, (inputs, outputs) in enumerate(zip(WIDTHS, WIDTHS[1:])):
        weights = (random.standard_normal((inputs, outputs)) / inputs**0.5).astype("<f4")
        biases = (random.standard_normal(outputs) * 0.1).astype("<f4")
        initializers.append(helper.make_tensor(f"weights{layer}", TensorProto.FLOAT, weights.shape, weights.tobytes(), raw=True))
        initializers.append(helper.make_tensor(f"biases{layer}", TensorProto.FLOAT, biases.shape, biases.tobytes(), raw=True))
        nodes.append(helper.make_node("Gemm", [last, f"weights{layer}", f"biases{layer}"], [f"dense{layer}"]))
        last = f"dense{layer}"
        if layer < len(WIDTHS) - 2:
            nodes.append(helper.make_node("Relu", [last], [f"relu{layer}"]))
            last = f"relu{layer}"
    nodes.append(helper.make_node("Softmax", [last], ["probabilities"], axis=1))
    save("ffnn", nodes, [rows("input", WIDTHS[0])], [rows("probabilities", WIDTHS[-1])], initializers)


def identity():
    save("identity", [helper.make_node("Identity", ["input"], ["output"])], [rows("input", 25)], [rows("output", 25)])


if __name__ == "__main__":
    ffnn()
    identity()
