#!/bin/sh
# Makes .build/docs-python, with what the Python blocks of the docs import; prints the path of its interpreter.
set -eu

# xgboost-cpu is xgboost without the libraries for graphics cards; onnxmltools imports packaging, and doesn't ask for it.
packages='scikit-learn==1.9.* skl2onnx==1.20.* onnxmltools==1.16.* packaging xgboost-cpu==3.* lightgbm==4.*'
home=$("$(dirname -- "$0")/venv.sh" docs-python "$packages")
echo "$home/bin/python"
