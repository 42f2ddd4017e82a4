"""SignVer's reference detector, for a few steps on a processor."""

from pathlib import Path

import pytest
from programs import Run

from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.slow


def test_the_reference_run_trains_evaluates_and_exports_on_a_processor(run: Run, tmp_path: Path):
    overrides = ("experiment=reference_detector_1card", "hardware=cpu", "dataset=synthetic", "dataset.pages=4")
    smaller = (
        "dataset.held_out_pages=2",
        "model.input_size=[128,128]",
        "model.batch_size=1",
        'model.init_checkpoint=""',
    )
    result = run(*overrides, *smaller, "trainer.train_steps=2", "run_dir=mine", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    metadata = read_metadata(tmp_path / "mine")
    assert metadata["status"] == "done"
    assert 30e6 < metadata["parameters"] < 40e6  # ResNet-50, pyramid and head of the paper
    assert (tmp_path / "mine/export/saved_model.pb").is_file()


def test_an_unreachable_checkpoint_is_named_before_anything_is_written(run: Run, tmp_path: Path):
    address = "https://127.0.0.1:9/backbone/ckpt-1"
    overrides = ("task=detector", "model=retinanet", "dataset=synthetic", f"model.init_checkpoint={address}")
    result = run(*overrides, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: model.init_checkpoint: cannot fetch {address} (")
    assert 'model.init_checkpoint=""' in result.stderr
    assert not (tmp_path / "outputs").exists()
