"""The exported detector: pages placed as in training, and SignVer's contract without this project."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf
from composing import accepted
from PIL import Image
from small_runs import SMALL_DETECTOR

from data.errors import UserError
from data.pages.canvas import Canvas, fit, shrink
from data.saved_models import mark
from models.detector.export import export_detector, place
from models.detector.page_input import network_input

SIZE = (128, 64)

SIGNVER = """
import sys
import numpy as np
import tensorflow as tf

class Detector:  # the calls of SignVer's own class
    def load(self, model_path):
        self.model = tf.saved_model.load(model_path)
    def detect(self, input_tensor):
        detections = self.model(input_tensor)
        count = int(detections["num_detections"])
        boxes = detections["detection_boxes"].numpy().reshape(count, 4)
        classes = detections["detection_classes"].numpy().astype(np.int32).reshape(count)
        scores = detections["detection_scores"].numpy().reshape(count)
        return boxes, scores, classes, detections

detector = Detector()
detector.load(sys.argv[1])
rng = np.random.default_rng(0)
for height, width in ((330, 250), (1000, 40), (30, 500), (128, 64), (9, 9)):
    page = np.full((1, height, width, 3), 255, np.uint8)
    page[:, height // 3 : height // 2, width // 4 :] = 0
    for shown in (page, 255 - page):
        boxes, scores, classes, outputs = detector.detect(tf.convert_to_tensor(shown))
        assert boxes.shape == (100, 4) and int(outputs["num_detections"]) == 100, boxes.shape
        assert boxes.min() >= 0 and boxes.max() <= 1, (boxes.min(), boxes.max())
        assert (np.diff(scores) <= 0).all() and 0 < scores[0] <= 1, scores
        assert set(classes[scores > 0]) <= {1, 2, 3, 4}, classes
        found = boxes[scores > 0]
        assert (found[:, 2:] >= found[:, :2]).all()
signature = detector.model.signatures["serving_default"]
served = signature(page=tf.convert_to_tensor(shown))
np.testing.assert_allclose(served["detection_boxes"][0], boxes, atol=1e-5)
assert sorted(served) == ["detection_boxes", "detection_classes", "detection_scores", "num_detections"]
assert not {"data", "models", "engine", "official", "orbit"} & set(sys.modules)
print("fine")
"""


def scan(height: int, width: int, dark: bool = False) -> np.ndarray:
    """A page with writing and a photograph."""
    rng = np.random.default_rng(height)
    page = np.full((height, width), 250, np.uint8)
    for _ in range(12):
        start, end = (tuple(int(rng.integers(side)) for side in (width, height)) for _ in range(2))
        cv2.line(page, start, end, int(rng.integers(0, 90)), 2)
    blurred = cv2.GaussianBlur(rng.integers(0, 256, (height, width)).astype(np.uint8), (0, 0), 3)
    page[: height // 5, : width // 3] = blurred[: height // 5, : width // 3]
    return 255 - page if dark else page


def colours(page: np.ndarray) -> np.ndarray:
    return np.repeat(page[None, ..., None], 3, axis=-1)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "size",
    [(1000, 700), (1100, 850), (997, 601), (60, 40), (9, 9), (300, 900), (128, 64), (130, 50), (64, 64), (2000, 20)],
)
@pytest.mark.parametrize("canvas", [Canvas(SIZE), Canvas((512, 384)), Canvas((512, 384), stretched=True)])
def test_the_graph_does_to_a_page_what_training_did(size: tuple[int, int], dark: bool, canvas: Canvas):
    page = scan(*size, dark)
    expected, extent = fit(shrink(page, canvas), canvas)
    image, found_extent = place(tf.constant(colours(page)), canvas)
    assert image.shape == (1, *canvas.size, 1)
    assert tuple(found_extent.numpy()[0].astype(int)) == extent
    difference = np.abs(image.numpy()[0, ..., 0] - expected.astype(np.float32))
    assert difference.max() <= 1


def test_colours_are_seen_in_pillows_grey():
    page = np.random.default_rng(0).integers(0, 256, (128, 64, 3)).astype(np.uint8)
    image, _ = place(tf.constant(page[None]), Canvas(SIZE))
    grey = np.asarray(Image.fromarray(page).convert("L"), np.float32)
    assert np.abs(image.numpy()[0, ..., 0] - grey).max() <= 1


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[tf.keras.Model, Path]:
    """A network with weights that find something anywhere, and its export."""
    model, folder = accepted(*SMALL_DETECTOR).model, tmp_path_factory.mktemp("trained")
    tf.keras.utils.set_random_seed(1)
    network = model.build()
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.1, w.shape).astype(w.dtype) for w in network.get_weights()])
    checkpoint = tf.train.Checkpoint(model=network).write(str(folder / "step-1"))
    old = folder / "export" / "variables" / "variables.data-00001-of-00002"  # of an export that was there before
    old.parent.mkdir(parents=True)
    old.touch()
    (folder / "export" / "saved_model.pb").touch()
    mark(folder / "export")
    tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        export_detector(model, checkpoint, folder / "export")
        assert tf.keras.mixed_precision.global_policy().name == "mixed_bfloat16"
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    return network, folder / "export"


@pytest.mark.slow
def test_the_export_finds_what_the_network_finds(trained: tuple[tf.keras.Model, Path]):
    network, folder = trained
    exported, canvas = tf.saved_model.load(str(folder)), accepted(*SMALL_DETECTOR).model.canvas
    for size in ((330, 250), (60, 40), (90, 300)):
        page = scan(*size)
        found = exported(tf.constant(colours(page)))
        fitted, extent = fit(shrink(page, canvas), canvas)
        image = network_input(tf.constant(fitted[None, ..., None]), 1)
        expected = network(image, image_shape=np.array([extent], np.float32), training=False)
        np.testing.assert_allclose(found["detection_scores"], expected["detection_scores"], atol=0.02)
        best = expected["detection_boxes"].numpy()[0, 0] / np.tile(extent, 2)
        np.testing.assert_allclose(found["detection_boxes"].numpy()[0, 0], best, atol=0.03)


@pytest.mark.slow
def test_signver_loads_and_uses_the_export(trained: tuple[tf.keras.Model, Path], tmp_path: Path):
    _, folder = trained
    (tmp_path / "signver.py").write_text(SIGNVER)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-I", "signver.py", str(folder)]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "fine\n"


@pytest.mark.slow
def test_an_old_export_is_replaced_whole(trained: tuple[tf.keras.Model, Path]):
    _, folder = trained
    assert (folder / "saved_model.pb").is_file()
    assert not (folder / "variables" / "variables.data-00001-of-00002").exists()
    assert not list(folder.parent.glob(".*partial"))


def test_a_folder_of_a_users_is_refused_before_the_network_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model = accepted(*SMALL_DETECTOR).model
    monkeypatch.setattr(type(model), "build", lambda self: pytest.fail("built"))
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="holds something that is no export: notes"):
        export_detector(model, "none", tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
