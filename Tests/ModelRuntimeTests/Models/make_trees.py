"""Writes small tree models as the usual converters write them: trees_*.onnx.

    python3 -m venv /tmp/trees && /tmp/trees/bin/pip install lightgbm xgboost scikit-learn skl2onnx onnxmltools
    /tmp/trees/bin/python Tests/ModelRuntimeTests/Models/make_trees.py

The files are committed; running this again is only needed to change them.
"""

import pathlib

import lightgbm
import numpy
import onnxmltools
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent
WIDTH = 6
INPUT = [("input", FloatTensorType([None, WIDTH]))]

random = numpy.random.RandomState(7)
whole = random.randn(1000, WIDTH).astype(numpy.float32)
two = (whole[:, 0] + whole[:, 1] * whole[:, 2] > 0).astype(int)
three = numpy.digitize(whole[:, 0] + whole[:, 3], [-0.5, 0.5])
gaps = whole.copy()
gaps[random.rand(*whole.shape) < 0.05] = numpy.nan


def save(name, model):
    (HERE / f"trees_{name}.onnx").write_bytes(model.SerializeToString())


def sklearn(name, model, labels=None):
    model.fit(whole) if labels is None else model.fit(gaps if name == "boosting_pipeline" else whole, labels)
    options = {"zipmap": False} if hasattr(model, "classes_") else None
    save(name, to_onnx(model, whole[:1], options=options, target_opset={"": 17, "ai.onnx.ml": 3}))


def boosted(name, model, labels, convert, **more):
    save(name, convert(model.fit(gaps, labels), initial_types=INPUT, target_opset=15, **more))


boosted("lightgbm", lightgbm.LGBMClassifier(n_estimators=6, num_leaves=12, verbose=-1), two, onnxmltools.convert_lightgbm, zipmap=False)
boosted("lightgbm_classes", lightgbm.LGBMClassifier(n_estimators=3, num_leaves=8, verbose=-1), three, onnxmltools.convert_lightgbm,
        zipmap=False)
boosted("xgboost", xgboost.XGBClassifier(n_estimators=6, max_depth=4), two, onnxmltools.convert_xgboost)
boosted("xgboost_classes", xgboost.XGBClassifier(n_estimators=3, max_depth=3), three, onnxmltools.convert_xgboost)
sklearn("forest", RandomForestClassifier(6, max_depth=5, random_state=1), two)
sklearn("boosting", GradientBoostingClassifier(n_estimators=6, random_state=1), three)
sklearn("boosting_pipeline", make_pipeline(SimpleImputer(), StandardScaler(), GradientBoostingClassifier(n_estimators=6, random_state=1)),
        two)
sklearn("isolation", IsolationForest(n_estimators=3, max_samples=32, random_state=1))
