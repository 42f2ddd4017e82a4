"""Exports for programs without TensorFlow: ONNX and TensorFlow Lite, by the converters of their makers."""
