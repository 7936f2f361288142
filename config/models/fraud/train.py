"""Trains the fraud model of the example and writes it, its numbers and its golden events beside this file.

    millrace demo --events 400000 | python config/models/fraud/train.py

Needs requirements.txt. Half a minute on two cores.
"""

import json
import pathlib
import re
import sys

import lightgbm
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from sklearn.metrics import average_precision_score, precision_recall_curve, precision_score, recall_score, roc_auc_score

HERE = pathlib.Path(__file__).parent
TREES, DEPTH = 200, 6
MAX_BYTES = 1_000_000


def read_events(lines):
    """The features are the numbers of an event, `timestamp` aside, in the order in which they stand in it."""
    lines = [line.rstrip("\n") for line in lines]
    first = json.loads(lines[0])
    names = [name for name, value in first.items() if type(value) in (int, float) and name != "timestamp"]
    features = np.empty((len(lines), len(names)), dtype=np.float32)
    labels = np.empty(len(lines), dtype=np.int64)
    for row, line in enumerate(lines):
        event = json.loads(line)
        features[row] = [event[name] for name in names]
        labels[row] = event["is_fraud"]
    return lines, names, features, labels


def round_down(thresholds):
    """The largest float32 not above each float64: for a float32 x, x <= threshold then means the same in both."""
    thresholds = np.asarray(thresholds, dtype=np.float64)
    near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)


def export(booster, names):
    """One TreeEnsembleClassifier node.

    By hand, because the converters round thresholds to the nearest float32, which sends a few events down another branch,
    and write twice the bytes.
    """
    nodes = {key: [] for key in ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids")}
    leaves = {key: [] for key in ("treeids", "nodeids", "ids", "weights")}

    def add(tree, node):
        """Appends a node and those below it; returns its number in the tree."""
        here = len(nodes["nodeids"])
        number = here - start
        is_leaf = "leaf_value" in node
        nodes["treeids"].append(tree)
        nodes["nodeids"].append(number)
        nodes["featureids"].append(0 if is_leaf else node["split_feature"])
        nodes["modes"].append("LEAF" if is_leaf else "BRANCH_LEQ")
        nodes["values"].append(0.0 if is_leaf else node["threshold"])
        nodes["truenodeids"].append(0)
        nodes["falsenodeids"].append(0)
        if is_leaf:
            for key, value in (("treeids", tree), ("nodeids", number), ("ids", 0), ("weights", node["leaf_value"])):
                leaves[key].append(value)
        else:
            nodes["truenodeids"][here] = add(tree, node["left_child"])
            nodes["falsenodeids"][here] = add(tree, node["right_child"])
        return number

    for tree in booster.dump_model()["tree_info"]:
        start = len(nodes["nodeids"])
        add(tree["tree_index"], tree["tree_structure"])

    nodes["values"] = [float(value) for value in round_down(nodes["values"])]
    classifier = helper.make_node(
        "TreeEnsembleClassifier", ["input"], ["label", "probabilities"], domain="ai.onnx.ml",
        classlabels_int64s=[0, 1], post_transform="LOGISTIC",
        **{f"nodes_{key}": values for key, values in nodes.items()},
        **{f"class_{key}": values for key, values in leaves.items()},
    )
    graph = helper.make_graph(
        [classifier], "fraud",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", len(names)])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["N"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 2]),
        ],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="millrace", model_version=1)
    helper.set_model_props(model, {"features": ",".join(names)})
    onnx.checker.check_model(model)
    return model


def depth(node):
    return 0 if "leaf_value" in node else 1 + max(depth(node["left_child"]), depth(node["right_child"]))


def best_threshold(labels, scores):
    """Where F1 is highest, to two digits."""
    precision, recall, thresholds = precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    return round(float(thresholds[np.argmax(f1[:-1])]), 2)


def write_golden(lines, labels, scores):
    """50 events, 20 of them fraud, spread over the held-out ones, each with onnxruntime's score."""
    fraud, ordinary = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    chosen = np.concatenate([some[np.linspace(0, len(some) - 1, count).astype(int)] for some, count in ((fraud, 20), (ordinary, 30))])
    with open(HERE / "golden.ndjson", "w") as file:
        for row in np.sort(chosen):
            file.write(f'{lines[row][:-1]},"expected_score":{scores[row]:.9g}}}\n')


def write_card(numbers):
    table = "| what | value |\n| --- | --- |\n" + "".join(f"| {name} | {value} |\n" for name, value in numbers.items())
    card = HERE / "README.md"
    text = re.sub(r"(<!-- numbers -->\n).*(<!-- end -->)", lambda m: m[1] + table + m[2], card.read_text(), flags=re.DOTALL)
    card.write_text(text)
    print(table)


def main():
    lines, names, features, labels = read_events(sys.stdin)
    # By time: the past trains, what follows sets the threshold, the last fifth is only looked at once.
    trained, tuned = int(0.7 * len(lines)), int(0.8 * len(lines))
    trainer = lightgbm.LGBMClassifier(
        n_estimators=TREES, max_depth=DEPTH, num_leaves=2**DEPTH, learning_rate=0.05, min_child_samples=20, reg_lambda=5,
        subsample=0.8, subsample_freq=1, colsample_bytree=0.7, random_state=1, deterministic=True, force_row_wise=True, verbose=-1,
    )
    booster = trainer.fit(features[:trained], labels[:trained]).booster_
    threshold = best_threshold(labels[trained:tuned], booster.predict(features[trained:tuned]))

    model = export(booster, names)
    data = model.SerializeToString()
    (HERE / "model.onnx").write_bytes(data)
    session = onnxruntime.InferenceSession(HERE / "model.onnx")
    held_out, truth = features[tuned:], labels[tuned:]
    scores = session.run(["probabilities"], {"input": held_out})[0][:, 1]
    difference = float(np.abs(scores - booster.predict(held_out)).max())
    write_golden(lines[tuned:], truth, scores)

    trees = booster.dump_model()["tree_info"]
    depths = [depth(tree["tree_structure"]) for tree in trees]
    flagged = scores >= threshold
    write_card({
        "events: training, threshold, held out": f"{trained:,}, {tuned - trained:,}, {len(truth):,}",
        "fraud among the held-out events": f"{truth.mean():.2%}",
        "AUC (area under the ROC curve), held out": f"{roc_auc_score(truth, scores):.4f}",
        "average precision, held out": f"{average_precision_score(truth, scores):.4f}",
        "threshold (highest F1 before the held-out events)": threshold,
        "precision at the threshold, held out": f"{precision_score(truth, flagged):.3f}",
        "recall at the threshold, held out": f"{recall_score(truth, flagged):.3f}",
        "trees, deepest, mean of their depths": f"{len(trees)}, {max(depths)}, {np.mean(depths):.1f}",
        "leaves in all": f"{sum(tree['num_leaves'] for tree in trees):,}",
        "size of model.onnx": f"{len(data):,} bytes",
        "largest difference between LightGBM and onnxruntime": f"{difference:.1e}",
    })
    if difference > 1e-6:
        sys.exit(f"onnxruntime and LightGBM differ by {difference}: the export is wrong")
    if len(data) > MAX_BYTES:
        sys.exit(f"model.onnx has {len(data)} bytes, more than {MAX_BYTES}: lower num_leaves")


if __name__ == "__main__":
    main()
