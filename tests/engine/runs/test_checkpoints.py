"""Which weights of a run are its best; tests/faults has the damaged checkpoints."""

from pathlib import Path

import pytest

from engine.runs.checkpoints import best_checkpoint
from engine.runs.run_folder import RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path)
    run.best_checkpoint.mkdir(parents=True)
    return run


def test_a_new_run_has_no_best_weights(run: RunFolder):
    assert best_checkpoint(run, []) is None
    assert best_checkpoint(run, [20]) is None


def test_the_weights_of_the_best_evaluation_are_used(run: RunFolder):
    for step in (80, 120):  # a process was killed between writing one and removing the other
        (run.best_checkpoint / f"step-{step}.index").touch()
    assert best_checkpoint(run, [80]) == str(run.best_checkpoint / "step-80")
    assert best_checkpoint(run, [120]) == str(run.best_checkpoint / "step-120")


def test_where_they_are_gone_the_newest_are_used_and_it_is_noted(run: RunFolder, caplog: pytest.LogCaptureFixture):
    (run.best_checkpoint / "step-120.index").touch()
    assert best_checkpoint(run, [80]) == str(run.best_checkpoint / "step-120")
    assert "the weights of step 80 are gone; those of step 120 are used" in caplog.text


def test_of_weights_that_are_left_the_best_are_used(run: RunFolder):
    for file in (run.best_checkpoint / "step-30", run.checkpoints / "ckpt-90", run.checkpoints / "ckpt-120"):
        file.with_name(f"{file.name}.index").touch()
    (run.checkpoints / "damaged-ckpt-60.index").touch()
    assert best_checkpoint(run, [60, 120, 90, 30]) == str(run.checkpoints / "ckpt-120")
