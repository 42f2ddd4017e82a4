"""mode=eval, export and predict, and the export in a process without this project."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from programs import Run
from small_runs import SMALL_UNET

from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.slow

SIGNVER = """
import os, sys
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy as np
import tensorflow as tf

class Cleaner:  # the calls of SignVer's own class
    def load(self, model_path):
        self.model = tf.keras.models.load_model(model_path, custom_objects={"PSNR": None, "SSIM": None})
    def clean(self, image_np):
        return self.model.predict(image_np, batch_size=64)

cleaner = Cleaner()
cleaner.load(sys.argv[1])
x = np.load(sys.argv[2])
y = cleaner.clean(x)
assert y.shape == x.shape and y.min() >= 0 and y.max() <= 1, (y.shape, y.min(), y.max())
assert not {"data", "models", "engine", "official", "orbit"} & set(sys.modules)
np.save(sys.argv[3], y)
"""


@pytest.fixture(scope="module")
def trained(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("trained")
    overrides = ("trainer.train_steps=60", "trainer.validation_interval=30", "hardware.dtype=float32", "run_dir=mine")
    result = run(*SMALL_UNET, *overrides, cwd=cwd)
    assert result.returncode == 0, result.stderr
    return cwd


def test_signver_loads_and_uses_the_export(trained: Path, tmp_path: Path):
    rng = np.random.default_rng(0)
    x = np.ones((70, 224, 224, 3), np.float32)
    x[:, 100:110, 20:200] = 0
    x[:, :, rng.integers(0, 224, 20)] = 0
    np.save(tmp_path / "x.npy", x)
    (tmp_path / "signver.py").write_text(SIGNVER)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-I", "signver.py", str(trained / "mine/export"), "x.npy", "y.npy"]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    cleaned = np.load(tmp_path / "y.npy")
    assert cleaned[:, 0, 0].min() > 0.5
    np.testing.assert_array_equal(cleaned[..., 0], cleaned[..., 2])


def test_eval_gives_the_metrics_of_training(run: Run, trained: Path):
    result = run("mode=eval", "run_dir=mine", cwd=trained, cold=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    report = json.loads((trained / "mine/eval_synthetic.json").read_text())
    best = read_metadata(trained / "mine")["metrics"]
    for name, value in report["metrics"].items():
        assert value == pytest.approx(best[name], abs=2e-4), name
    assert f"{report['metrics']['ink_f1']:.4f}" in result.stdout
    qualities = [example["quality"] for example in report["worst"]]
    assert qualities == sorted(qualities)
    assert len(qualities) == 6  # all pairs there are
    with Image.open(trained / "mine/eval_synthetic_worst.png") as sheet:
        assert sheet.height > 2 * 224


def test_eval_of_an_export_anywhere_on_other_data(run: Run, trained: Path, tmp_path: Path):
    (tmp_path / "elsewhere").symlink_to(trained / "mine/export")
    result = run(
        "mode=eval",
        "export_dir=elsewhere",
        *SMALL_UNET,
        "dataset.seed=2",
        "run_dir=report",
        "eval.worst=0",
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "report/eval_synthetic.json").read_text())["pairs"] == 6
    assert [file.name for file in (tmp_path / "report").iterdir()] == ["eval_synthetic.json"]


def test_export_again_is_the_same_model(run: Run, trained: Path):
    result = run("mode=export", "run_dir=mine", "export_dir=again", cwd=trained, cold=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "again" in result.stdout

    import tensorflow as tf

    def weights(folder: str) -> list[np.ndarray]:
        return tf.keras.models.load_model(trained / folder).get_weights()

    for again, first in zip(weights("again"), weights("mine/export"), strict=True):
        np.testing.assert_array_equal(again, first)


def test_predict_cleans_scans_of_any_size_and_mode(run: Run, trained: Path):
    rng = np.random.default_rng(1)
    folder = trained / "scans"
    folder.mkdir()
    sizes = {"L": (300, 600), "RGB": (900, 250), "RGBA": (224, 224), "P": (120, 700), "1": (500, 500)}
    for mode, (height, width) in sizes.items():
        grey = np.full((height, width), 250, np.uint8)
        grey[height // 2 : height // 2 + 5] = rng.integers(0, 60)
        Image.fromarray(grey).convert(mode).save(folder / f"scan_{mode}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("not a picture either")
    result = run("mode=predict", "predict.input=scans", "run_dir=mine", cwd=trained, cold=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "broken.png: not a readable image" in result.stdout
    output = trained / "mine/predictions"
    for mode, (height, width) in sizes.items():
        with Image.open(output / f"scan_{mode}_cleaned.png") as cleaned:
            assert cleaned.size == (width, height)
        with Image.open(output / f"scan_{mode}_compared.png") as compared:
            assert compared.width > width * 2
    assert len(list(output.iterdir())) == 2 * len(sizes)


def test_predict_leaves_the_background_out_on_request(run: Run, trained: Path):
    page = np.full((1200, 1800, 3), (255, 250, 230), np.uint8)
    page[600:605, 100:1700] = (30, 40, 120)
    Image.fromarray(page).save(trained / "page.png")
    options = ("predict.input=page.png", "predict.transparent=true", "predict.output=clear")
    result = run("mode=predict", "run_dir=mine", *options, cwd=trained)
    assert result.returncode == 0, result.stderr
    with Image.open(trained / "clear/page_cleaned.png") as cleaned:
        assert (cleaned.mode, cleaned.size) == ("RGBA", (1800, 1200))
        assert cleaned.getpixel((5, 5))[3] == 0


def test_a_task_without_backgrounds_refuses_to_leave_them_out(run: Run, tmp_path: Path):
    Image.new("L", (90, 90), 255).save(tmp_path / "page.png")
    overrides = ("mode=predict", "task=detector", "predict.input=page.png", "predict.transparent=true")
    result = run(*overrides, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr == "error: predict.transparent: task=detector has no transparent output\n"


@pytest.mark.parametrize(
    ("overrides", "expected", "remedy"),
    [
        (("predict.input=nothing.png", "run_dir=mine"), "predict.input: nothing.png does not exist", ""),
        (("predict.input=mine/checkpoints", "run_dir=mine"), "predict.input: no image in mine/checkpoints", ""),
        (("run_dir=mine", "export_dir=gone"), "export_dir: no SavedModel in gone", "mode=export run_dir=mine"),
        (("run_dir=gone", "export_dir=mine/no"), "export_dir: no SavedModel in mine/no", "run_dir=<run>"),
    ],
)
def test_predict_refuses_in_one_line(run: Run, trained: Path, overrides: tuple[str, ...], expected: str, remedy: str):
    result = run("mode=predict", "predict.input=mine/samples.png", *overrides, cwd=trained)
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {expected}")
    assert result.stderr.rstrip().endswith(remedy)
