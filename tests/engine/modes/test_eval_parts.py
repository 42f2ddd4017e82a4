"""mode=eval dataset.part=test, for a cleaner, from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from programs import Run
from small_runs import SMALL_UNET

pytestmark = pytest.mark.slow

MODEL = [override for override in SMALL_UNET if not override.startswith("dataset")]
DATA = (
    "dataset=signatures",
    "dataset.root=own",
    "dataset.synthetic_writers=0",
    "dataset.variants=2",
    "dataset.noise_layers=4",
)


@pytest.fixture(scope="module")
def trained(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("parts")
    for number, writer in enumerate("abcdef"):
        (cwd / "own" / writer).mkdir(parents=True)
        for sample in range(2):
            scan = np.full((100, 200), 255, np.uint8)
            scan[40:50, 20 + 10 * sample + number : 180] = 0
            Image.fromarray(scan).save(cwd / "own" / writer / f"{sample}.png")
    overrides = ("trainer.train_steps=4", "trainer.validation_interval=2", "run_dir=mine", "dataset.test=0.3")
    result = run(*MODEL, *DATA, *overrides, cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert "12 signatures of 6 writers, by folder" in result.stdout
    return cwd


def test_the_test_part_is_measured_and_named(run: Run, trained: Path):
    result = run("mode=eval", "run_dir=mine", "dataset.part=test", cwd=trained)
    assert result.returncode == 0, result.stderr
    assert "part     test, 4 pairs" in result.stdout
    report = json.loads((trained / "mine/eval_signatures_test.json").read_text())
    assert (report["part"], report["pairs"]) == ("test", 4)
    result = run("mode=eval", "run_dir=mine", cwd=trained)
    assert "part     validation, 2 pairs" in result.stdout
    assert json.loads((trained / "mine/eval_signatures.json").read_text())["part"] == "validation"


@pytest.mark.fault("a test part of another split than the run was trained on", "one line that names what differs")
def test_a_test_part_that_was_perhaps_trained_on_is_refused(run: Run, trained: Path):
    result = run("mode=eval", "run_dir=mine", "dataset.part=test", "dataset.test=0.5", cwd=trained)
    assert result.returncode == 1
    assert "trained on another split of this dataset" in result.stderr
    assert "dataset.test was 0.3, now 0.5" in result.stderr
