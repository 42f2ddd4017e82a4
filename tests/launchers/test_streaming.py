"""A user's sweeper on `MpiLauncher.stream`: jobs one at a time, results as they end, pruned jobs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import mpi_programs
import pytest
from mpi_programs import leaderboard, states

pytestmark = pytest.mark.slow

SWEEPER = """\
import json
from pathlib import Path

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra_plugins.mpi_launcher.streaming import JobSource


class Numbers(JobSource):
    listens = True

    def __init__(self, options, shared):
        self.options, self.shared, self.next, self.results = options, shared, 0, {}

    def next_job(self):
        if self.next == self.options["jobs"]:
            return None
        self.next += 1
        if self.next - 1 == self.options["raises_at"]:
            raise RuntimeError("no more ideas")
        values = self.options["overrides"] or ["x={}"]
        return self.next - 1, [*self.shared, values[(self.next - 1) % len(values)].format(self.next - 1)]

    def job_ended(self, number, result, state):
        try:
            value = result.return_value
        except Exception as error:
            value = f"{type(error).__name__}: {error}".splitlines()[0]
        self.results[number] = [state, value, self.next]
        Path("results.json").write_text(json.dumps(self.results))

    def job_reported(self, number, step, value):
        return value < 0

    def closed(self):
        return any(value == self.options["enough"] for _, value, _ in self.results.values())

    def left(self):
        return self.options["jobs"] - self.next


class ForeignSweeper(Sweeper):
    def __init__(self, **options):
        self.options = options

    def setup(self, *, hydra_context, task_function, config):
        self.launcher = Plugins.instance().instantiate_launcher(hydra_context, task_function, config)

    def sweep(self, arguments):
        self.launcher.stream(Numbers(self.options, arguments), most=self.options["most"])


node = {
    "_target_": "hydra_plugins.foreign_sweeper.ForeignSweeper",
    "jobs": 4,
    "most": 0,
    "overrides": None,
    "raises_at": -1,
    "enough": None,
}
ConfigStore.instance().store(group="hydra/sweeper", name="foreign", node=node)
"""
PROGRAM = """\
import os
import time
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra_plugins.mpi_launcher.reports import report


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    folder = Path(HydraConfig.get().runtime.output_dir)
    rank = int(os.environ.get("OMPI_COMM_WORLD_RANK", 0))
    (folder / f"began_{rank}_{time.time_ns()}").touch()
    if config.x == config.fails_at:
        raise ValueError("not this one")
    time.sleep(config.sleep)
    for step in range(1, config.steps + 1):
        if rank == 0 and report(step, config.sign * step, last=step == config.steps):
            return -step
    return config.x


main()
"""
CONFIG = """\
defaults:
  - override hydra/launcher: mpi
  - override hydra/sweeper: foreign
  - _self_
x: 0
ranks: 1
cards: 0
sleep: 0
steps: 0
sign: 1
fails_at: -1
hydra:
  launcher:
    processes: ${ranks}
    devices: ${cards}
    slots: 2
    grace_seconds: 2
  sweep:
    dir: sweep
"""


def start(folder: Path, *overrides: str) -> "subprocess.Popen[str]":
    (folder / "hydra_plugins").mkdir(exist_ok=True)
    (folder / "hydra_plugins/foreign_sweeper.py").write_text(SWEEPER)
    (folder / "program.py").write_text(PROGRAM)
    (folder / "config.yaml").write_text(CONFIG)
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{os.environ['PYTHONPATH']}"}
    command = [sys.executable, "program.py", "-m", *overrides]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(folder: Path, *overrides: str) -> "subprocess.CompletedProcess[str]":
    process = start(folder, *overrides)
    output, errors = process.communicate(timeout=240)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def results(folder: Path) -> dict[str, list]:
    return json.loads((folder / "results.json").read_text())


def test_results_come_as_jobs_end_and_jobs_are_asked_for_as_there_is_room(tmp_path: Path):
    done = run(tmp_path, "hydra.sweeper.jobs=6")
    assert done.returncode == 0, done.stderr
    assert {number: entry[:2] for number, entry in results(tmp_path).items()} == {
        str(number): ["done", number] for number in range(6)
    }
    first = min(asked for _, _, asked in results(tmp_path).values())
    assert first == 2  # a third one was not asked for before the first had ended
    assert len(leaderboard(tmp_path)) == 6
    assert set(states(tmp_path).values()) == {"done"}


def test_most_jobs_at_a_time(tmp_path: Path):
    done = run(tmp_path, "hydra.sweeper.most=1", "hydra.sweeper.jobs=3")
    assert done.returncode == 0, done.stderr
    assert [asked for _, _, asked in results(tmp_path).values()] == [1, 2, 3]


def test_a_job_that_is_given_up_ends_as_pruned_with_several_ranks(tmp_path: Path):
    overrides = "hydra.sweeper.overrides=['sign=1','sign=-1']"
    done = run(tmp_path, overrides, "hydra.sweeper.jobs=2", "steps=5", "ranks=2")
    assert done.returncode == 0, done.stderr
    assert results(tmp_path)["0"][:2] == ["done", 0]
    assert results(tmp_path)["1"][:2] == ["pruned", -1]  # after its first report
    assert [(row["trial"], row["rank"], row["outcome"]) for row in leaderboard(tmp_path)] == [
        ("0", "1", "done"),
        ("1", "", "pruned"),
    ]
    again = run(tmp_path, overrides, "hydra.sweeper.jobs=2", "steps=5", "ranks=2", "hydra.launcher.resume=sweep")
    assert again.returncode == 0, again.stderr
    assert results(tmp_path)["1"][:2] == ["pruned", -1]
    assert len(list(tmp_path.glob("sweep/1/began_0_*"))) == 1


def test_a_job_that_cannot_be_composed_or_placed_fails_alone(tmp_path: Path):
    done = run(tmp_path, "hydra.sweeper.overrides=['x={}','nope={}','ranks=9','x=7']", "hydra.launcher.slots=2")
    assert done.returncode == 0, done.stderr
    assert [entry[0] for _, entry in sorted(results(tmp_path).items())] == ["done", "failed", "failed", "done"]
    assert "nope" in results(tmp_path)["1"][1]
    assert "job 2 needs 9 slots, but there are 2 slots here" in results(tmp_path)["2"][1]
    first = run(tmp_path, "hydra.sweeper.overrides=['nope={}']", "hydra.sweep.dir=other")
    assert first.returncode == 1
    assert "nope" in first.stderr
    assert not (tmp_path / "other/jobs.json").exists()


def test_what_the_source_raises_ends_the_jobs_and_the_sweep(tmp_path: Path):
    done = run(tmp_path, "hydra.sweeper.raises_at=1", "sleep=60")
    assert done.returncode == 1
    assert "no more ideas" in done.stderr
    assert states(tmp_path) == {0: "cancelled"}
    assert "resume   " in done.stdout


def test_a_closed_source_starts_no_more(tmp_path: Path):
    done = run(tmp_path, "hydra.sweeper.enough=0", "hydra.sweeper.jobs=50", "hydra.sweeper.most=1")
    assert done.returncode == 0, done.stderr
    assert states(tmp_path) == {0: "done"}


def test_failures_are_retried_and_stop_where_they_shall(tmp_path: Path):
    overrides = ("fails_at=1", "hydra.launcher.on_failure=stop", "hydra.launcher.retries=1", "hydra.sweeper.most=1")
    done = run(tmp_path, *overrides)
    assert done.returncode == 0, done.stderr
    assert states(tmp_path) == {0: "done", 1: "failed"}
    assert json.loads((tmp_path / "sweep/jobs.json").read_text())["jobs"]["1"]["attempts"] == 2


def test_ctrl_c_leaves_the_cut_jobs_unreported_and_a_dry_run_shows_what_fits(tmp_path: Path):
    planned = run(tmp_path, "hydra.launcher.dry_run=true")
    assert planned.returncode == 0, planned.stderr
    assert "2 jobs, 1 waves" in planned.stdout
    assert not (tmp_path / "sweep").exists()
    process = start(tmp_path, "sleep=60")
    mpi_programs.wait_until(lambda: len(list(tmp_path.glob("sweep/*/began_*"))) == 2, process, seconds=90)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=90)
    assert process.returncode == 130
    assert not (tmp_path / "results.json").exists() or set(results(tmp_path)) <= {"0", "1"}
    assert set(states(tmp_path).values()) == {"cancelled"}


def test_small_jobs_fill_what_a_large_one_leaves(tmp_path: Path):
    """The large job that does not fit waits, and smaller ones are asked for as long as cards are free."""
    overrides = "hydra.sweeper.overrides=['cards=1','cards=4','cards=1','cards=1']"
    done = run(tmp_path, overrides, "hydra.launcher.cards=4", "hydra.sweeper.jobs=4", "sleep=2")
    assert done.returncode == 0, done.stderr
    began = {
        number: min(int(file.name.rpartition("_")[2]) for file in tmp_path.glob(f"sweep/{number}/began_*"))
        for number in range(4)
    }
    assert max(began, key=lambda number: began[number]) == 1
