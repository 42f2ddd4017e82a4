"""The initial weights of a detector: those of another run, and refused ones."""

from pathlib import Path

import numpy as np
import pytest
from detector_runs import SHORT, weights
from programs import Run
from small_runs import TRAINED_DETECTOR

from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.slow


def test_a_run_starts_from_the_weights_of_another(run: Run, trained: Path, tmp_path: Path):
    overrides = (
        *TRAINED_DETECTOR,
        "trainer.train_steps=1",
        "trainer.validation_interval=1",
        "model.learning_rate=1e-9",
    )
    overrides = (*overrides, "model.optimizer=sgd", "hardware.dtype=float32", f"model.init_from={trained}")
    result = run(*overrides, "run_dir=next", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    best = read_metadata(trained)["metrics"]["step"]
    before = weights(trained / "checkpoints" / "best" / f"step-{best}")
    for name, weight in weights(tmp_path / "next" / "checkpoints" / "ckpt-1").items():
        np.testing.assert_allclose(weight, before[name], atol=1e-6, err_msg=name)
    assert read_metadata(tmp_path / "next")["history"][0]["loss"] == pytest.approx(
        next(entry["loss"] for entry in read_metadata(trained)["history"] if entry["step"] == best), rel=1e-3
    )


def test_a_run_of_an_earlier_version_has_no_refiner_and_the_console_says_so(run: Run, trained: Path, tmp_path: Path):
    steps = (*TRAINED_DETECTOR, "trainer.train_steps=1", "trainer.validation_interval=1", "hardware.dtype=float32")
    result = run(*steps, "model.refiner_filters=[]", "run_dir=earlier", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    result = run(*steps, "model.init_from=earlier", "run_dir=next", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "refiner  earlier has none; it starts from random weights (model.refiner_filters)" in result.stdout
    result = run(*steps, f"model.init_from={trained}", "run_dir=other", cwd=tmp_path)
    assert "refiner " not in result.stdout


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (
            ("dataset=synthetic", "model.init_from=gone"),
            "error: model.init_from: no run with a best checkpoint in gone\n"
            "  to start from the pretrained detector:  model.init_from=pretrained\n",
        ),
        (
            ("dataset=synthetic", "model=retinanet", "model.init_checkpoint=gone/ckpt-1"),
            "error: model.init_checkpoint: no checkpoint in gone/ckpt-1",
        ),
        (("dataset=signverod",), "error: dataset.root: no SignverOD shards in data/raw/signverod"),
    ],
)
def test_what_is_not_there_to_start_from_is_one_line_and_leaves_nothing(
    run: Run, tmp_path: Path, overrides: tuple[str, ...], expected: str
):
    result = run("task=detector", *overrides, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(expected)
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "outputs").exists()


def test_another_networks_weights_are_refused(run: Run, trained: Path, tmp_path: Path):
    result = run(*SHORT, "model.pyramid_filters=8", f"model.init_from={trained}", cwd=tmp_path)
    assert result.returncode == 1
    first, second = result.stderr.splitlines()
    assert first == f"error: model.init_from: {trained} is of another network: retinanet_small with pyramid_filters=16"
    assert second.endswith('model.init_from=""')
    assert "cache" not in result.stdout  # before data is prepared
    assert not (tmp_path / "outputs").exists()
