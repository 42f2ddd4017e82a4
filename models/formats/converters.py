"""A TensorFlow function as a file of another format."""

import contextlib
import io
import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tensorflow as tf

from data.own_files import MARK, whole_file
from data.pictures.quiet import WITHOUT_STDERR
from models.formats.files import ONNX, TFLITE

_OPSET = 17
"""Of ONNX: what onnxruntime reads since 1.12."""


def convert(module: tf.Module, function: Any, format_name: str, path: Path) -> None:
    """Writes a function as a file, whole or not at all.

    Args:
      module: owns the function's variables.
      function: a `tf.function` with an input signature.
      format_name: onnx | tflite.
      path: of the file.
    """
    with whole_file(path) as scratch, _quietly():
        scratch.write_bytes(_CONVERTERS[format_name](module, function))


def _onnx(module: tf.Module, function: Any) -> bytes:
    import onnx
    import tf2onnx

    model, _ = tf2onnx.convert.from_function(function, input_signature=function.input_signature, opset=_OPSET)
    _settle_captures(model, function.get_concrete_function())
    entry = model.metadata_props.add()
    entry.key, entry.value = "written_by", MARK
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _settle_captures(model: Any, concrete: Any) -> None:
    """Makes constants of the tensors that a function captured; the converter takes them for inputs."""
    from onnx import numpy_helper

    captured = {
        inner.name: outer.numpy()
        for outer, inner in zip(concrete.captured_inputs, concrete.graph.internal_captures, strict=True)
        if outer.dtype != tf.resource
    }
    for entry in [entry for entry in model.graph.input if entry.name in captured]:
        model.graph.initializer.append(numpy_helper.from_array(captured[entry.name], entry.name))
        model.graph.input.remove(entry)


def _tflite(module: tf.Module, function: Any) -> bytes:
    from tensorflow.lite.tools import flatbuffer_utils

    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], module)
    with tempfile.NamedTemporaryFile(suffix=".tflite") as file:
        file.write(converter.convert())
        file.flush()
        model = flatbuffer_utils.read_model(file.name)
    model.description = MARK
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


_CONVERTERS: dict[str, Callable[[tf.Module, Any], bytes]] = {ONNX: _onnx, TFLITE: _tflite}


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Hides the output of converters; errors are still raised."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with WITHOUT_STDERR, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(level)
