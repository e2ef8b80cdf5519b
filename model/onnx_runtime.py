"""ONNX Runtime with its telemetry off; every file imports it from here.

As soon as they are imported, official builds from 1.29 on write an identifier of the machine into the user's cache folder and
report to their makers. The variable must be set before that.

Source: Privacy.md in the package onnxruntime.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["ORT_TELEMETRY_DISABLED"] = "1"  # the name of the variable in some builds between

import onnxruntime as onnxruntime

onnxruntime.disable_telemetry_events()  # Windows builds ignore the variables
