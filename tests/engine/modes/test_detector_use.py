"""mode=eval, export and predict with a trained detector, and SignVer's use of its export."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from programs import Run
from small_runs import TRAINED_DETECTOR

from data.own_files import is_own_picture
from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.slow


def test_eval_gives_nearly_the_metrics_of_training(run: Run, trained: Path):
    cwd = trained.parents[2]
    result = run("mode=eval", f"run_dir={trained.relative_to(cwd)}", cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    report = json.loads((trained / "eval_synthetic.json").read_text())
    assert report["pages"] == 4
    assert report["fingerprint"] == read_metadata(trained)["dataset"]["fingerprint"]
    best = read_metadata(trained)["metrics"]
    for name in ("AP", "AP50", "AP75", "AP50_signature", "recall"):
        assert report["metrics"][name] == pytest.approx(best[name], abs=0.02), name
    assert {"AP50_as_scanned", "AP50_inverted"} <= set(report["metrics"])
    assert f"{report['metrics']['AP50']:.4f}" in result.stdout
    assert [example["name"][:5] for example in report["worst"]] == ["page_"] * 4
    assert is_own_picture(trained / "eval_synthetic_worst.png")


def test_eval_of_an_export_anywhere_on_other_data(run: Run, trained: Path, tmp_path: Path):
    (tmp_path / "elsewhere").symlink_to(trained / "export")
    overrides = (*TRAINED_DETECTOR, "dataset.pages=2", "dataset.held_out_pages=2", "dataset.seed=2")
    result = run("mode=eval", "export_dir=elsewhere", *overrides, "run_dir=report", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "report/eval_synthetic.json").read_text())["pages"] == 2


def test_export_again_is_the_same_model(run: Run, trained: Path):
    cwd = trained.parents[2]
    result = run("mode=export", f"run_dir={trained.relative_to(cwd)}", "export_dir=again", cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""

    import tensorflow as tf

    page = np.full((1, 400, 300, 3), 255, np.uint8)
    page[:, 100:140, 50:200] = 0
    first, again = (
        tf.saved_model.load(str(folder))(tf.constant(page)) for folder in (trained / "export", cwd / "again")
    )
    for name, value in first.items():
        np.testing.assert_array_equal(again[name], value, err_msg=name)


def test_predict_draws_boxes_on_images_and_documents(run: Run, trained: Path):
    cwd = trained.parents[2]
    folder = cwd / "scans"
    folder.mkdir()
    pixels = np.full((500, 400), 255, np.uint8)
    pixels[300:330, 100:300] = 20
    page = Image.fromarray(pixels)
    page.convert("RGB").save(folder / "letter.jpg")
    page.save(folder / "lease.pdf", "PDF", save_all=True, append_images=[page])
    (folder / "broken.pdf").write_bytes(b"no document")
    overrides = ("mode=predict", "predict.input=scans", "predict.score=0.0", f"run_dir={trained.relative_to(cwd)}")
    result = run(*overrides, cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "broken.pdf: not a readable PDF" in result.stdout
    output = trained / "predictions"
    drawn = {"lease_page1_found.png", "lease_page2_found.png", "letter_found.png"}
    assert {path.name for path in output.iterdir()} == {*drawn, "boxes.json"}
    with Image.open(output / "letter_found.png") as picture:
        assert picture.size == (400, 500)
    content = json.loads((output / "boxes.json").read_text())
    assert [image["file_name"] for image in content["images"]] == ["lease.pdf_page1", "lease.pdf_page2", "letter.jpg"]
    assert len(content["annotations"]) > 0
    for entry in content["annotations"]:
        left, top, width, height = entry["bbox"]
        shown = content["images"][entry["image_id"] - 1]
        assert left >= 0
        assert top >= 0
        assert left + width <= shown["width"] + 0.2
        assert top + height <= shown["height"] + 0.2


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (("predict.input=nothing.pdf",), "predict.input: nothing.pdf does not exist"),
        (("predict.input=outputs",), "predict.input: no image in outputs"),
        (("predict.input=console.txt",), "predict.input: none of 1 files could be read"),
    ],
)
def test_predict_refuses_in_one_line(run: Run, trained: Path, overrides: tuple[str, ...], expected: str):
    cwd = trained.parents[2]
    result = run("mode=predict", *overrides, f"run_dir={trained.relative_to(cwd)}", cwd=cwd)
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {expected}")


def test_signver_uses_the_export_of_a_run(trained: Path, tmp_path: Path):
    program = """
import sys
import numpy as np
import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
found = model(tf.zeros([1, 700, 500, 3], tf.uint8))
count = int(found["num_detections"])
assert tf.reshape(found["detection_boxes"], [count, 4]).shape == (100, 4)
assert tf.reshape(found["detection_scores"], [count]).shape == (100,)
assert tf.reshape(found["detection_classes"], [count]).shape == (100,)
assert not {"data", "models", "engine", "official", "orbit"} & set(sys.modules)
"""
    (tmp_path / "signver.py").write_text(program)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-I", "signver.py", str(trained / "export")]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
