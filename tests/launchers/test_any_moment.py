"""A search interrupted at any moment, with simulated processes: resumed, nothing is lost, run twice or counted twice.

The test runs one search, and copies its folder after every change of its records: this is what a SIGKILL of the
launcher leaves at that moment. Each line of the journal is also cut in the middle. Then the search is resumed in each
of the copies.
"""

import dataclasses
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.core.utils import JobReturn, JobStatus
from mpi_programs import leaderboard

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
Plugins.instance()  # runs the modules of plugins anew: who has imported one before has other classes
from hydra_plugins.mpi_launcher import _listening, _scheduler, _sweep  # noqa: E402
from hydra_plugins.mpi_launcher._cards import Placement  # noqa: E402
from hydra_plugins.mpi_launcher._job import Job, JobFiles  # noqa: E402
from hydra_plugins.mpi_launcher._ledger import Ledger  # noqa: E402
from hydra_plugins.mpi_launcher._open_mpi import OpenMpi  # noqa: E402
from hydra_plugins.mpi_launcher._runner import Runner  # noqa: E402
from hydra_plugins.mpi_launcher._whole_file import write_whole  # noqa: E402
from hydra_plugins.optuna_study import _sweep as _study_sweep  # noqa: E402
from hydra_plugins.optuna_study._study import SweepStudy  # noqa: E402

TRIALS = 3
FAILS = 1
PRUNED = 2
CONFIG = f"""\
defaults:
  - override hydra/launcher: mpi
  - override hydra/sweeper: study
  - _self_
x: 0.9
hydra:
  launcher:
    slots: 2
  sweeper:
    n_trials: {TRIALS}
    params:
      x: interval(0, 1)
    pruner:
      _target_: optuna.pruners.ThresholdPruner
      upper: 10
"""
ENDED_AS = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}


@dataclasses.dataclass
class SimulatedJob:
    """A job that reports twice, and ends when it has its answers; trial 1 fails, and trial 2 reports bad values."""

    job: Job
    files: JobFiles
    last_line: str = ""
    step: int = 0
    asked: bool = False

    def worked_seconds(self) -> float:
        return 0.0

    def silent_seconds(self) -> float:
        return 0.0

    def ask_to_end(self) -> None:
        self.asked = True

    kill = ask_to_end

    def ended(self) -> int | None:
        if self.asked:
            return 1
        if self.step and self._answer().get("step") != self.step:
            return None
        if self._answer().get("given_up"):
            self.files.reports.obeyed.touch()
        elif self.step < 2:
            self._report()
            return None
        if self.job.number == FAILS:
            self.files.error(0).write_text("ValueError: not this one\n")
            return 1
        self.job.output_dir.mkdir(parents=True, exist_ok=True)
        ends = len(list(self.job.output_dir.glob("ended_*")))
        (self.job.output_dir / f"ended_{ends}").touch()
        write_whole(self.files.result, _result(self.job))
        return 0

    def _report(self) -> None:
        self.step += 1
        value = 11.0 if self.job.number == PRUNED else 1.0 + self.step
        line = json.dumps({"step": self.step, "value": value, "last": False})
        with open(self.files.reports.reports, "a") as file:
            file.write(f"\n{line}\n")

    def _answer(self) -> dict[str, Any]:
        file = self.files.reports.verdict
        return json.loads(file.read_text()) if file.exists() else {}


def _result(job: Job) -> bytes:
    result = JobReturn()
    result.overrides, result.working_dir = job.overrides, str(job.output_dir)
    result.status, result.return_value = JobStatus.COMPLETED, float(job.overrides[0].partition("=")[2])
    return pickle.dumps(result)


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Replaces processes by simulated ones, and everything else that takes long."""

    def start(runner: Runner, job: Job, placement: Placement) -> SimulatedJob:
        files = JobFiles(runner._sweep_dir, job.number)
        files.make()
        return SimulatedJob(job, files)

    monkeypatch.setattr(Runner, "start", start)
    monkeypatch.setattr(Runner, "check", lambda runner, job: None)
    monkeypatch.setattr(_sweep, "find_open_mpi", lambda mpirun: OpenMpi("mpirun", 4, "4"))
    monkeypatch.setattr(_sweep, "write_metadata", lambda *given: None)
    monkeypatch.setattr(_study_sweep, "draw", lambda *given: None)
    monkeypatch.setattr(_study_sweep, "report_lines", lambda *given: [])
    monkeypatch.setattr(_scheduler, "POLL_SECONDS", 0)
    monkeypatch.setattr(_listening, "_LOOK_SECONDS", 0)
    (tmp_path / "config.yaml").write_text(CONFIG)


def search(folder: Path, *overrides: str) -> None:
    """Runs the search of `<folder>/config.yaml` in this process."""
    with initialize_config_dir(str(folder), version_base="1.3"):
        hydra = GlobalHydra.instance().hydra
        assert hydra is not None
        hydra.multirun("config", lambda config: None, list(overrides), with_log_configuration=False)


class Copies:
    """Copies of a sweep's folder.

    Args:
      sweep: the folder.
      into: where they go.
    """

    def __init__(self, sweep: Path, into: Path) -> None:
        self._sweep, self._into, self.folders = sweep, into, list[Path]()

    def take(self) -> Path:
        folder = self._into / str(len(self.folders))
        shutil.copytree(self._sweep, folder / "sweep")
        self.folders.append(folder)
        return folder / "sweep"

    def after(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with a copy after it."""

        def copied(*given: Any, **named: Any) -> Any:
            try:
                return function(*given, **named)
            finally:
                self.take()

        return copied

    def note(self, ledger: Ledger, job: Job) -> None:
        """`Ledger.note`, whose line is also cut in the middle."""
        cut = self.take()
        record = json.dumps({job.number: job.record()})
        with open(cut / ".launcher/journal.jsonl", "a") as journal:
            journal.write(record[: len(record) // 2])
        _NOTE(ledger, job)
        self.take()


_NOTE = Ledger.note


@pytest.fixture
def copies(simulated: None, tmp_path: Path) -> Copies:
    copies = Copies(tmp_path / "sweep", tmp_path / "copies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "note", lambda ledger, job: copies.note(ledger, job))
        patch.setattr(Ledger, "write", copies.after(Ledger.write))
        for name in ("ask", "report", "tell"):
            patch.setattr(SweepStudy, name, copies.after(getattr(SweepStudy, name)))
        search(tmp_path, f"hydra.sweep.dir={tmp_path / 'sweep'}")
    return copies


def check_records(folder: Path) -> dict[int, str]:
    """Makes sure that all records of a search that has ended agree, and returns the state of each trial."""
    trials = optuna.load_study(study_name="sweep", storage=f"sqlite:///{folder}/sweep/study.db").trials
    states = {trial.number: ENDED_AS[trial.state.name] for trial in trials}
    jobs = json.loads((folder / "sweep/jobs.json").read_text())["jobs"]
    rows = {int(row["trial"]): row for row in leaderboard(folder)}
    assert {int(number): entry["state"] for number, entry in jobs.items()} == states
    assert {number: row["outcome"] for number, row in rows.items()} == states
    for trial in trials:
        if states[trial.number] == "done":
            assert trial.value == jobs[str(trial.number)]["value"] == float(rows[trial.number]["value"])
            assert trial.intermediate_values == {1: 2.0, 2: 3.0}
    assert not (folder / "sweep/.launcher/journal.jsonl").exists()
    return states


@pytest.mark.slow
def test_a_search_that_is_interrupted_anywhere_resumes(
    copies: Copies, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert sorted(check_records(tmp_path).values()) == ["done", "failed", "pruned"]
    assert len(copies.folders) > 25
    for folder in copies.folders:
        assert isinstance(folder, Path)
        before = {file.parent.name for file in folder.glob("sweep/*/ended_*")}
        shutil.copy(tmp_path / "config.yaml", folder)
        search(folder, f"hydra.launcher.resume={folder / 'sweep'}")
        states = check_records(folder)
        counted = [number for number, state in states.items() if state != "failed"]
        assert len(counted) >= TRIALS - 1, states
        for number in counted:
            ends = list(folder.glob(f"sweep/{number}/ended_*"))
            assert len(ends) == 1, (folder, number, number in before)
    capsys.readouterr()
