"""dataset=mixture from the command line: trained, measured by part, resumed, read back from the run."""

import json
from pathlib import Path

import pytest
from labelling import yolo_pages
from programs import Run
from small_runs import SMALL_UNET, TRAINED_DETECTOR

pytestmark = pytest.mark.slow

UNET = [override for override in SMALL_UNET if not override.startswith("dataset")]
DETECTOR = [override for override in TRAINED_DETECTOR if not override.startswith("dataset")]
CLEANER_PARTS = (
    "dataset=mixture",
    *(
        override
        for name, writers in (("few", 4), ("many", 8))
        for override in (
            f"+dataset@dataset.parts.{name}=synthetic",
            f"dataset.parts.{name}.writers={writers}",
            f"dataset.parts.{name}.held_out_writers=2",
            f"dataset.parts.{name}.samples_per_writer=2",
            f"dataset.parts.{name}.noise_layers=8",
        )
    ),
    "dataset.weights=[many:3]",
)
DETECTOR_PARTS = (
    "dataset=mixture",
    "+dataset@dataset.parts.drawn=synthetic",
    "dataset.parts.drawn.pages=6",
    "dataset.parts.drawn.held_out_pages=2",
    "+dataset@dataset.parts.scans=pages",
    "dataset.parts.scans.root=my scans",
)
STEPS = ("trainer.train_steps=4", "trainer.validation_interval=2")


def test_a_mixture_of_signatures_is_trained_and_measured_by_part(run: Run, tmp_path: Path):
    overrides = (*UNET, *CLEANER_PARTS, *STEPS, "run_dir=mine", "task.metric=many/ink_f1")
    result = run(*overrides, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "few      synthetic, 25.0% of the training examples" in result.stdout
    assert "many     synthetic, 75.0% of the training examples" in result.stdout
    record = json.loads((tmp_path / "mine/run.json").read_text())
    for metric in ("ink_f1", "ssim", "loss"):
        of_parts = [record["metrics"][f"{part}/{metric}"] for part in ("few", "many")]
        assert record["metrics"][metric] == pytest.approx(sum(of_parts) / 2, abs=1e-6)
    assert record["metrics"]["many/ink_f1"] == max(entry["many/ink_f1"] for entry in record["history"])
    result = run("mode=eval", "run_dir=mine", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    report = json.loads((tmp_path / "mine/eval_mixture.json").read_text())
    assert report["metrics"]["many/ink_f1"] == pytest.approx(record["metrics"]["many/ink_f1"], abs=0.01)
    again = run(*overrides, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    more = run("run_dir=mine", "trainer.train_steps=6", cwd=tmp_path)
    assert more.returncode == 0, more.stderr
    assert [entry["step"] for entry in json.loads((tmp_path / "mine/run.json").read_text())["history"]] == [2, 4, 6]
    other = run("run_dir=mine", "dataset.weights=[few:9]", "trainer.train_steps=8", cwd=tmp_path)
    assert other.returncode == 1
    assert "dataset.weights was ['many:3'], now ['few:9']" in other.stderr
    added = run("run_dir=mine", "dataset=mixture", "+dataset@dataset.parts.more=synthetic", cwd=tmp_path)
    assert added.returncode == 1
    assert "mine keeps the parts that it was trained with" in added.stderr


def test_a_mixture_of_pages_is_trained_and_measured_by_part(run: Run, tmp_path: Path):
    """The detector learns from drawn pages with four classes and from scans that are labelled with signatures alone."""
    yolo_pages(tmp_path / "my scans", *["0 0.5 0.5 0.3 0.2\n"] * 6)
    overrides = (*DETECTOR, *DETECTOR_PARTS, *STEPS, "run_dir=mine", "task.metric=scans/AP50")
    result = run(*overrides, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "drawn    synthetic, 50.0% of the training examples" in result.stdout
    record = json.loads((tmp_path / "mine/run.json").read_text())
    assert {"drawn/AP", "scans/AP", "AP", "drawn/AP50_signature"} <= record["metrics"].keys()
    result = run("mode=eval", "run_dir=mine", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    report = json.loads((tmp_path / "mine/eval_mixture.json").read_text())
    assert {"drawn/AP50_inverted", "scans/AP50_as_scanned", "AP50"} <= report["metrics"].keys()
    looked = run("mode=inspect", "task=detector", *DETECTOR_PARTS, cwd=tmp_path)
    assert looked.returncode == 0, looked.stderr
    assert "train    scans: 5 pages with 5 signatures" in looked.stdout
