"""`trainer.minutes`: the number of steps that fits into a time."""

import json
import re
import shlex
import signal
from pathlib import Path
from typing import Any

import pytest
from programs import Run, Start
from small_runs import SMALL_UNET

pytestmark = pytest.mark.slow

LIMITED = (
    *SMALL_UNET,
    *("trainer.train_steps=1000000", "trainer.validation_interval=250000", "trainer.image_summaries=0"),
    *("trainer.minutes=0.1", "deterministic=true", "run_dir=run"),
)


def record_of(run: Path) -> dict[str, Any]:
    return json.loads((run / "run.json").read_text())


def without_times(history: list[dict[str, float]]) -> list[dict[str, float]]:
    return [{key: value for key, value in entry.items() if key != "seconds"} for entry in history]


def test_the_steps_that_fit_are_trained_with_their_schedule_and_can_be_repeated(run: Run, tmp_path: Path):
    limited = run(*LIMITED, cwd=tmp_path)
    assert limited.returncode == 0, limited.stderr
    said = re.search(r"steps +([\d,]+) of 1,000,000 fit into 0.1 minutes", limited.stdout)
    assert said, limited.stdout
    steps, record = int(said[1].replace(",", "")), record_of(tmp_path / "run")
    assert steps < 100000
    assert record["history"][-1]["step"] == steps
    assert len(record["history"]) == 4
    repeat = shlex.split(record["repeat"])[2:]
    assert f"trainer.train_steps={steps}" in repeat
    repeated = run(*repeat, "run_dir=again", cwd=tmp_path)
    assert repeated.returncode == 0, repeated.stderr
    assert "fit into" not in repeated.stdout
    assert without_times(record_of(tmp_path / "again")["history"]) == without_times(record["history"])


def test_a_run_that_resumes_keeps_its_number_of_steps(start: Start, run: Run, tmp_path: Path):
    overrides = [each.replace("minutes=0.1", "minutes=0.5") for each in LIMITED]
    process = start(*overrides, cwd=tmp_path)
    for line in process.stdout:
        if line.startswith("train") and "val" in line:
            process.send_signal(signal.SIGINT)
            break
    process.communicate(timeout=600)
    assert process.returncode == 130
    steps = record_of(tmp_path / "run")["steps_in_time"]
    resumed = run(*overrides, cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert "resume" in resumed.stdout
    assert "fit into" not in resumed.stdout
    record = record_of(tmp_path / "run")
    assert record["steps_in_time"] == steps
    assert record["history"][-1]["step"] == steps["train_steps"]


def test_a_short_training_is_not_cut(run: Run, tmp_path: Path):
    few = [*LIMITED, "trainer.train_steps=4", "trainer.validation_interval=2", "trainer.minutes=60"]
    whole = run(*few, cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    assert "all 4 fit into 60 minutes" in whole.stdout
    assert [entry["step"] for entry in record_of(tmp_path / "run")["history"]] == [2, 4]


def test_two_ranks_agree_on_the_steps_and_end(run: Run, tmp_path: Path):
    done = run(*LIMITED, "deterministic=false", "hardware=cpu2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = record_of(tmp_path / "run")
    assert record["status"] == "done"
    assert record["history"][-1]["step"] == record["steps_in_time"]["train_steps"] < 100000
