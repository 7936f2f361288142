#!/bin/sh
# Makes .build/checkers, with the tools from PyPI that hold deployment files against their schemas; prints the folder of its commands.
set -eu

home=$("$(dirname -- "$0")/venv.sh" checkers 'check-jsonschema==0.* kubernetes-validate==1.*')
echo "$home/bin"
