"""One config under several seeds, alone and as a trial; the arithmetic of mean and spread."""

import csv
import json
import statistics
from pathlib import Path

import pytest
from programs import Run
from small_runs import FEW_STEPS, SMALL_UNET

from engine.modes.repeats import mean_history, mean_of, spread_of
from engine.runs.run_folder import read_metadata


def test_mean_and_spread_are_of_what_all_have():
    metrics = [{"step": 10, "a": 1.0, "b": 1.0}, {"step": 20, "a": 3.0}]
    assert mean_of(metrics) == {"a": 2.0}
    assert spread_of(metrics) == {"a": pytest.approx(2**0.5)}
    assert spread_of(metrics[:1]) == {"a": 0.0, "b": 0.0}


def test_the_mean_history_has_the_steps_that_all_came_to():
    histories = [[{"step": 10, "a": 1.0}, {"step": 20, "a": 2.0}], [{"step": 10, "a": 3.0}]]
    assert mean_history(histories) == [{"step": 10, "a": 2.0}]


@pytest.mark.slow
def test_a_sweep_with_repeats_ranks_means(run: Run, tmp_path: Path):
    arguments = ("-m", *SMALL_UNET, *FEW_STEPS, "model.learning_rate=1e-3,8e-3", "trainer.repeats=2", "seed=5")
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (sweep,) = (tmp_path / "outputs" / "cleaner").iterdir()
    with open(sweep / "leaderboard.csv") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        folder = Path(row["folder"])
        values = [read_metadata(folder / f"seed_{seed}")["metrics"]["ink_f1"] for seed in (5, 6)]
        assert values[0] != values[1]
        assert float(row["ink_f1"]) == pytest.approx(statistics.fmean(values))
        assert float(row["spread"]) == pytest.approx(statistics.stdev(values))
        best = 5 + values.index(max(values))
        assert (folder / "export").resolve() == (folder / f"seed_{best}" / "export").resolve()
    assert "spread" in done.stdout
    assert (sweep / "best" / "saved_model.pb").is_file()

    compared = run("mode=compare", f"runs={sweep}", cwd=tmp_path)
    assert compared.returncode == 0, compared.stderr
    with open(sweep / "compare.csv") as file:
        assert [row["spread"] for row in csv.DictReader(file)] == [row["spread"] for row in rows]


@pytest.mark.slow
def test_interrupted_repeats_resume_with_what_is_missing(run: Run, tmp_path: Path):
    arguments = (*SMALL_UNET, *FEW_STEPS, "trainer.repeats=2")
    assert run(*arguments, "run_dir=here", cwd=tmp_path).returncode == 0
    metadata = json.loads((tmp_path / "here/run.json").read_text())
    assert metadata["status"] == "done"
    second = tmp_path / "here/seed_2/run.json"
    second.write_text(json.dumps({**json.loads(second.read_text()), "status": "interrupted"}))
    before = (tmp_path / "here/seed_1/run.json").stat().st_mtime_ns
    again = run("run_dir=here", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "here/seed_1/run.json").stat().st_mtime_ns == before
    assert json.loads(second.read_text())["status"] == "done"
    assert "repeats  ink F1" in again.stdout
    assert json.loads((tmp_path / "here/run.json").read_text())["metrics"] == metadata["metrics"]
