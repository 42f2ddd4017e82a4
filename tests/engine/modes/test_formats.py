"""mode=export export.formats=[saved_model,onnx,tflite]: the same boxes and the same ink in every format."""

import os
from pathlib import Path

import numpy as np
import pytest
from programs import Run
from small_runs import SMALL_UNET

from data.drawn_pages import draw_page

pytestmark = pytest.mark.slow

ALL = "export.formats=[saved_model,onnx,tflite]"


def page() -> np.ndarray:
    return np.repeat(draw_page(3, 1).pixels[None, ..., None], 3, axis=-1)


def of_onnx(file: Path, values: np.ndarray) -> dict[str, np.ndarray]:
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    session = runtime.InferenceSession(str(file))
    (given,) = session.get_inputs()
    return dict(zip([out.name for out in session.get_outputs()], session.run(None, {given.name: values}), strict=True))


def of_tflite(file: Path, values: np.ndarray) -> dict[str, np.ndarray]:
    import tensorflow as tf

    interpreter = tf.lite.Interpreter(str(file))
    (given,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(given["index"], values.shape)
    interpreter.allocate_tensors()
    runner = interpreter.get_signature_runner()
    return runner(**{next(iter(interpreter.get_signature_list()["serving_default"]["inputs"])): values})


READERS = {"onnx": of_onnx, "tflite": of_tflite}


@pytest.fixture(scope="module")
def cleaner(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("formats")
    steps = ("trainer.train_steps=20", "trainer.validation_interval=10", "hardware.dtype=float32", "run_dir=mine")
    assert run(*SMALL_UNET, *steps, cwd=cwd).returncode == 0
    return cwd


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["onnx", "tflite"])
def test_the_cleaner_gives_the_same_ink(run: Run, cleaner: Path, name: str):
    if name == "onnx":
        pytest.importorskip("tf2onnx", reason="tf2onnx is not installed")
    result = run("mode=export", "run_dir=mine", f"export_dir={name}/model", f"export.formats=[{name}]", cwd=cleaner)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert sorted(os.listdir(cleaner / name)) == [f"model.{name}"]
    import tensorflow as tf

    images = np.ones((2, 224, 224, 3), np.float32)
    images[:, 100:110, 20:200] = 0
    expected = tf.keras.models.load_model(cleaner / "mine/export").predict(images, verbose=0)
    np.testing.assert_allclose(READERS[name](cleaner / name / f"model.{name}", images)["cleaned"], expected, atol=1e-4)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["onnx", "tflite"])
def test_the_detector_gives_the_same_boxes(run: Run, trained: Path, tmp_path: Path, name: str):
    if name == "onnx":
        pytest.importorskip("tf2onnx", reason="tf2onnx is not installed")
    result = run(
        "mode=export",
        f"run_dir={trained}",
        f"export_dir={tmp_path / 'model'}",
        f"export.formats=[{name}]",
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    import tensorflow as tf

    expected = tf.saved_model.load(str(trained / "export"))(tf.constant(page()))
    found = READERS[name](tmp_path / f"model.{name}", page())
    np.testing.assert_allclose(found["detection_scores"], expected["detection_scores"], atol=2e-3)
    best = np.argmax(expected["detection_scores"][0])
    np.testing.assert_allclose(found["detection_boxes"][0, 0], expected["detection_boxes"][0, best], atol=0.01)
    assert int(found["num_detections"][0]) == 100


def test_a_file_of_the_user_stays(run: Run, cleaner: Path):
    (cleaner / "kept.tflite").write_text("mine")
    result = run("mode=export", "run_dir=mine", "export_dir=kept", ALL, cwd=cleaner)
    assert result.returncode == 1
    assert result.stderr.startswith("error: export_dir: kept.tflite exists")
    assert (cleaner / "kept.tflite").read_text() == "mine"


def test_an_unknown_format_is_one_line(run: Run, cleaner: Path):
    for value, expected in (("[pdf]", "export.formats: pdf is not a value"), ("[]", "export.formats: names no format")):
        result = run("mode=export", "run_dir=mine", f"export.formats={value}", cwd=cleaner)
        assert result.returncode == 1
        assert result.stderr.startswith(f"error: {expected}")
