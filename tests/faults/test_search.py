"""A search struck at random moments: resumed, no trial is lost, run twice or counted twice, and all records agree."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import mpi_programs
import pytest
from mpi_programs import leaderboard

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
pytestmark = pytest.mark.slow

TRIALS = 6
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
    (folder / f"rank_{os.getpid()}").touch()
    for step in range(1, 4):
        time.sleep(0.2)
        if report(step, config.x, last=step == 3):
            break
    return config.x


main()
"""
CONFIG = f"""\
defaults:
  - override hydra/launcher: mpi
  - override hydra/sweeper: study
  - _self_
x: 0.9
hydra:
  launcher:
    slots: 2
    grace_seconds: 2
  sweep:
    dir: sweep
  sweeper:
    n_trials: {TRIALS}
    params:
      x: interval(0, 1)
    pruner:
      _target_: optuna.pruners.MedianPruner
      n_startup_trials: 2
"""
ENDS = (
    "hydra.launcher.resume=<sweep> ends the search: no trial is lost, run twice or counted twice, and all files agree"
)
FAULTS = {
    "the launcher of a search is killed (SIGKILL)": ("launcher", signal.SIGKILL),
    "Ctrl-C in a search": ("launcher", signal.SIGINT),
    "a trial of a search is killed": ("rank", signal.SIGKILL),
    "mpirun of a trial of a search is killed": ("mpirun", signal.SIGKILL),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    cases = []
    for moment in range(max(1, metafunc.config.getoption("--moments"))):
        for name, fault in FAULTS.items():
            marks = [pytest.mark.fault(name, ENDS)]
            if "SIGKILL" not in name:
                marks.append(pytest.mark.thorough)
            cases.append(pytest.param(*fault, moment, id=f"{name}, {moment}", marks=marks))
    metafunc.parametrize(("victim", "blow", "moment"), cases)


def start(folder: Path, *overrides: str) -> "subprocess.Popen[str]":
    (folder / "program.py").write_text(PROGRAM)
    (folder / "config.yaml").write_text(CONFIG)
    command = [sys.executable, "program.py", "-m", *overrides]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )


def ranks(folder: Path) -> list[Path]:
    """A file for each rank that has begun, the latest last."""
    return sorted(folder.glob("sweep/*/rank_*"), key=lambda file: file.stat().st_mtime_ns)


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def strike(
    process: "subprocess.Popen[str]", folder: Path, victim: str, blow: signal.Signals, rng: random.Random
) -> None:
    """At some moment between the first trial and the last one, or at the start of the search."""
    wanted = rng.randrange(0, TRIALS)
    while len(ranks(folder)) < wanted and process.poll() is None:
        time.sleep(0.02)
    time.sleep(rng.uniform(0, 1.5))
    if victim == "launcher":
        if process.poll() is None:
            process.send_signal(blow)
        return
    mpi_programs.wait_until(lambda: process.poll() is not None or ranks(folder), seconds=60)
    pid = int(ranks(folder)[-1].name.rpartition("_")[2])
    if mpi_programs.alive(pid):
        os.kill(pid if victim == "rank" else parent(pid), blow)


def results(folder: Path) -> dict[int, int]:
    """Number of each trial that has brought a result -> when."""
    files = folder.glob("sweep/.launcher/*/result.pkl")
    return {int(file.parent.name): file.stat().st_mtime_ns for file in files}


def test_a_search_that_is_struck_is_not_lost(victim: str, blow: signal.Signals, moment: int, tmp_path: Path):
    rng = random.Random(f"{victim} {blow} {moment}")
    process = start(tmp_path)
    try:
        strike(process, tmp_path, victim, blow, rng)
        process.communicate(timeout=240)
    finally:
        process.kill()
    mpi_programs.wait_until(
        lambda: not any(mpi_programs.alive(int(file.name.rpartition("_")[2])) for file in ranks(tmp_path)), seconds=30
    )
    before = results(tmp_path)
    if not (tmp_path / "sweep/study.db").exists():  # it was struck before there was anything to lose
        again = start(tmp_path)
    else:
        again = start(tmp_path, "hydra.launcher.resume=sweep")
    _, errors = again.communicate(timeout=240)
    assert again.returncode == 0, errors
    assert "Traceback" not in errors

    after = results(tmp_path)
    trials = optuna.load_study(study_name="sweep", storage=f"sqlite:///{tmp_path}/sweep/study.db").trials
    states = {trial.number: trial.state.name for trial in trials}
    counted = [number for number, state in states.items() if state in ("COMPLETE", "PRUNED")]
    assert len(counted) == TRIALS
    assert set(after) >= set(counted)
    run_again = {number for number, when in before.items() if number in counted and after[number] != when}
    assert not run_again  # one that was killed while it ended has failed, though it had returned
    assert set(states.values()) <= {"COMPLETE", "PRUNED", "FAIL"}
    ended_as = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}
    jobs = json.loads((tmp_path / "sweep/jobs.json").read_text())["jobs"]
    assert {int(number): entry["state"] for number, entry in jobs.items()} == {
        number: ended_as[state] for number, state in states.items()
    }
    rows = {int(row["trial"]): row for row in leaderboard(tmp_path)}
    assert {number: row["outcome"] for number, row in rows.items()} == {
        number: ended_as[state] for number, state in states.items()
    }
    for trial in trials:
        if trial.state.name in ("COMPLETE", "PRUNED"):
            assert trial.value == jobs[str(trial.number)]["value"] == float(rows[trial.number]["value"])
            assert list(trial.intermediate_values) == list(range(1, len(trial.intermediate_values) + 1))
    assert not (tmp_path / "sweep/.launcher/journal.jsonl").exists()
