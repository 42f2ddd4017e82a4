"""Sweeps of real processes under real mpiruns: results, failures, retries, resuming, places."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hydra_plugins.mpi_launcher._ledger import Ledger
from mpi_programs import alive, leaderboard, MPIRUNS, pids, run, start, states
from programs import REPOSITORY

pytestmark = pytest.mark.slow

ON = pytest.mark.parametrize("mpirun", MPIRUNS)


@ON
def test_every_rank_logs_and_rank_0_returns(tmp_path: Path, mpirun: str):
    done = run(tmp_path, "x=1,2", "ranks=1,2", f"hydra.launcher.mpirun={mpirun}")
    assert done.returncode == 0, done.stderr
    assert states(tmp_path) == dict.fromkeys(range(4), "done")
    jobs = json.loads((tmp_path / "sweep/jobs.json").read_text())["jobs"]
    assert [jobs[str(number)]["value"] for number in range(4)] == [2, 2, 4, 4]
    assert (tmp_path / "sweep/1/program.log").is_file()
    assert (tmp_path / "sweep/1/rank_1.log").is_file()
    assert not (tmp_path / "sweep/0/rank_1.log").exists()
    assert (tmp_path / "sweep/1/.hydra/config.yaml").is_file()
    assert [row["trial"] for row in leaderboard(tmp_path)] == ["0", "1", "2", "3"]
    assert "repeat   python program.py x=1 ranks=1" in done.stdout


def test_the_leaderboard_ranks_as_configured(tmp_path: Path):
    run(tmp_path, "x=1,3,2", "hydra.launcher.better=higher", "fails_at=2")
    rows = leaderboard(tmp_path)
    assert [(row["rank"], row["x"], row["outcome"]) for row in rows] == [
        ("1", "3", "done"),
        ("2", "1", "done"),
        ("", "2", "failed"),
    ]


@pytest.mark.fault("two trials of a sweep that would share a folder", "refused in one line; nothing is started")
def test_jobs_that_would_share_a_folder_are_refused(tmp_path: Path):
    done = run(tmp_path, "x=1,2", "hydra.sweep.subdir=same")
    assert done.returncode == 1
    assert "hydra.sweep.subdir: jobs 0 and 1 would both write into" in done.stderr
    assert not (tmp_path / "sweep" / "same").exists()


@pytest.mark.parametrize("option", ["check", "after_failure"])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gone.function", "cannot be imported (No module named 'gone')"),
        ("os.gone", "cannot be imported ("),
        ("no-name", "cannot be imported ("),
        ("os.sep", "is no function"),
    ],
)
def test_a_function_that_is_not_there_is_refused_before_the_sweep_has_a_folder(
    tmp_path: Path, option: str, name: str, why: str
):
    done = run(tmp_path, "x=1,2", f"hydra.launcher.{option}={name}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"hydra.launcher.{option}: {name} {why}")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "sweep").exists()


AFTER = """\
def note(folder, state):
    (folder / "after").write_text(state)
    raise OSError("full")
"""


def test_a_function_learns_of_jobs_without_a_result(tmp_path: Path):
    (tmp_path / "after.py").write_text(AFTER)
    done = run(tmp_path, "x=1,2,3", "killed_at=2", "fails_at=3", "hydra.launcher.after_failure=after.note")
    assert states(tmp_path) == {0: "done", 1: "failed", 2: "failed"}
    assert [(tmp_path / f"sweep/{number}/after").exists() for number in range(3)] == [False, True, True]
    assert (tmp_path / "sweep/1/after").read_text() == "failed"
    assert done.stdout.count("hydra.launcher.after_failure: OSError: full") == 2


def test_the_folder_of_a_sweep_may_be_moved(tmp_path: Path):
    run(tmp_path, "x=1,2", "fails_at=2", "fails_once=true")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sweep").rename(tmp_path / "elsewhere/sweep")
    ledger = Ledger(tmp_path / "elsewhere/sweep")
    assert [record["folder"] for record in ledger.read().values()] == [
        str(tmp_path / "elsewhere/sweep" / number) for number in "01"
    ]


@ON
def test_a_failure_stays_with_its_job_and_its_log_says_why(tmp_path: Path, mpirun: str):
    done = run(tmp_path, "x=1,2,3", "ranks=2", "fails_at=2", f"hydra.launcher.mpirun={mpirun}")
    assert done.returncode == 1
    assert states(tmp_path) == {0: "done", 1: "failed", 2: "done"}
    for log in ("rank_1.log",):
        text = (tmp_path / "sweep/1" / log).read_text()
        assert "ValueError: no 2 here" in text
        assert "program.py" in text
    assert "failed   job 1: ValueError: no 2 here" in done.stdout
    assert "ValueError: no 2 here" in done.stderr


def test_a_killed_rank_fails_its_job_alone(tmp_path: Path):
    run(tmp_path, "x=1,2,3", "ranks=2", "killed_at=2")
    assert states(tmp_path) == {0: "done", 1: "failed", 2: "done"}
    assert "SIGKILL" in (tmp_path / "sweep/1/program.log").read_text()


def test_a_retry_runs_in_the_same_folder(tmp_path: Path):
    done = run(tmp_path, "x=1,2", "fails_at=2", "fails_once=true", "hydra.launcher.retries=1")
    assert done.returncode == 0, done.stderr
    jobs = json.loads((tmp_path / "sweep/jobs.json").read_text())["jobs"]["1"]
    assert (jobs["attempts"], jobs["value"]) == (2, 102)
    assert len(list((tmp_path / "sweep/1").glob("started_*"))) == 2


def test_on_failure_stop_ends_the_others(tmp_path: Path):
    run(tmp_path, "x=1,2,3,4", "fails_at=1", "sleep=30", "hydra.launcher.on_failure=stop", "hydra.launcher.slots=2")
    assert states(tmp_path) == {0: "failed", 1: "cancelled", 2: "cancelled", 3: "cancelled"}
    assert not any(map(alive, pids(tmp_path)))


@pytest.mark.parametrize("deaf", ["false", "true"])
def test_a_job_that_takes_too_long_is_ended(tmp_path: Path, deaf: str):
    overrides = (
        "x=1",
        "sleep=100",
        f"deaf={deaf}",
        "hydra.launcher.timeout_minutes=0.04",
        "hydra.launcher.grace_seconds=2",
    )
    done = run(tmp_path, *overrides)
    assert done.returncode == 1
    assert states(tmp_path) == {0: "timed out"}
    assert not any(map(alive, pids(tmp_path)))


def test_a_job_that_falls_silent_is_killed(tmp_path: Path):
    done = run(tmp_path, "x=1", "sleep=100", "deaf=true", "hydra.launcher.stall_minutes=0.03")
    assert done.returncode == 1
    assert states(tmp_path) == {0: "failed"}
    assert "killed: no rank printed anything for stall_minutes=0.03" in done.stdout
    assert not any(map(alive, pids(tmp_path)))


def test_resume_runs_only_what_is_not_done(tmp_path: Path):
    run(tmp_path, "x=1,2,3", "fails_at=2", "fails_once=true")
    assert states(tmp_path) == {0: "done", 1: "failed", 2: "done"}
    again = run(tmp_path, "x=1,2,3", "fails_at=2", "fails_once=true", "hydra.launcher.resume=sweep")
    assert again.returncode == 0, again.stderr
    assert states(tmp_path) == dict.fromkeys(range(3), "done")
    starts = [len(list((tmp_path / f"sweep/{number}").glob("started_*"))) for number in range(3)]
    assert starts == [1, 2, 1]
    assert sorted(row["value"] for row in leaderboard(tmp_path)) == ["102", "2", "6"]


@pytest.mark.parametrize("overrides", ["x=1,4,3", "x=1,2", "x=1,2,3,4"])
def test_resume_refuses_other_trials(tmp_path: Path, overrides: str):
    run(tmp_path, "x=1,2,3")
    again = run(tmp_path, overrides, "hydra.launcher.resume=sweep")
    assert again.returncode == 1
    assert "hydra.launcher.resume: sweep has" in again.stderr
    assert states(tmp_path) == dict.fromkeys(range(3), "done")


def test_resume_of_nothing_is_refused(tmp_path: Path):
    done = run(tmp_path, "x=1", "hydra.launcher.resume=gone")
    assert done.returncode == 1
    assert "no sweep in gone" in done.stderr


def test_cards_are_packed_and_shown_to_the_ranks(tmp_path: Path):
    done = run(tmp_path, "x=1,2", "devices=1,4", "ranks=${devices}", "hydra.launcher.cards=8", "sleep=1")
    assert done.returncode == 0, done.stderr
    seen = {path.parent.name: path.read_text() for path in tmp_path.glob("sweep/*/seen_0")}
    assert "cards=0,1,2,3 module=0" in seen["1"]
    assert "cards=4,5,6,7 module=4" in seen["3"]
    assert "module=6" in (tmp_path / "sweep/3/seen_2").read_text()
    for number in ("0", "2"):  # on the card that was free first
        assert re.match(r"cards=(\d) module=\1 ", seen[number])


def test_jobs_at_the_same_time_have_cores_of_their_own(tmp_path: Path):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core alone")
    run(tmp_path, "x=1,2", "sleep=1", "+hydra.launcher.env.EXTRA=value")
    seen = [(tmp_path / f"sweep/{number}/seen_0").read_text() for number in (0, 1)]
    assert seen[0].split("cores=")[1] != seen[1].split("cores=")[1]
    assert "extra=value" in seen[0]


@ON
def test_dry_run_prints_commands_and_places_and_starts_nothing(tmp_path: Path, mpirun: str):
    overrides = ("x=1,2", "devices=1,8", "ranks=${devices}", "hydra.launcher.cards=8", "hydra.launcher.dry_run=true")
    done = run(tmp_path, *overrides, f"hydra.launcher.mpirun={mpirun}")
    assert done.returncode == 0, done.stderr
    assert "cards 0-7" in done.stdout
    assert "(after 1)" in done.stdout
    assert done.stdout.count(f"{mpirun} -np 8") == 2
    assert not list(tmp_path.glob("sweep/*/started_*"))
    assert not (tmp_path / "sweep/jobs.json").exists()


def test_ranks_with_whole_hosts_share_the_cores_of_each(tmp_path: Path):
    (tmp_path / "hosts").write_text("a slots=8\nb slots=8\n")
    overrides = ("x=1", "devices=4,16", "ranks=${devices}", f"hydra.launcher.hostfile={tmp_path / 'hosts'}")
    done = run(tmp_path, *overrides, "hydra.launcher.dry_run=true")
    assert done.returncode == 0, done.stderr
    commands = [line for line in done.stdout.splitlines() if " -np " in line]
    assert ["MPI_LAUNCHER_CORES=evenly" in command for command in commands] == ["-np 16" in c for c in commands]
    assert "--host a:8,b:8" in next(command for command in commands if "-np 16" in command)


def test_cards_that_are_not_there_are_said_in_one_line(tmp_path: Path):
    done = run(tmp_path, "x=1,2", "devices=1")
    assert done.returncode == 1
    assert "job 0 needs 1 card, but there are no cards here" in done.stderr
    assert "Traceback" not in done.stderr


def test_files_of_a_job_are_the_users_alone(tmp_path: Path):
    run(tmp_path, "x=1")
    private = tmp_path / "sweep/.launcher"
    assert private.stat().st_mode & 0o777 == 0o700
    for file in (private / "0").glob("*.pkl"):
        assert file.stat().st_mode & 0o777 == 0o600


def test_sweeps_of_the_same_second_have_folders_of_their_own(tmp_path: Path):
    pattern = "hydra.sweep.dir=sweeps/${now:%Y}"  # the same all year
    first, second = (start(tmp_path, f"x={x}", pattern) for x in (1, 2))
    for process in (first, second):
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    folders = sorted((tmp_path / "sweeps").iterdir())
    assert len(folders) == 2
    values = {json.loads((folder / "jobs.json").read_text())["jobs"]["0"]["value"] for folder in folders}
    assert values == {2, 4}


@ON
def test_inside_a_rank_nothing_is_launched_again(tmp_path: Path, mpirun: str):
    start(tmp_path, "--help").communicate()  # writes the program
    command = [
        mpirun,
        "--allow-run-as-root",
        "--oversubscribe",
        "-np",
        "2",
        sys.executable,
        "program.py",
        "-m",
        "x=1,2",
    ]
    done = subprocess.run([*command, "hydra.sweep.dir=sweep"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(pids(tmp_path)) == 4
    assert not (tmp_path / "sweep/jobs.json").exists()


def test_it_installs_into_any_program(tmp_path: Path):
    target = tmp_path / "site"
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        target,
    ]
    build = tmp_path / "source"
    subprocess.run(["cp", "-r", REPOSITORY / "launchers", build], check=True)
    done = subprocess.run([*command, build], capture_output=True, text=True)
    if "setuptools" in done.stderr and done.returncode:
        pytest.skip("no setuptools here to build with")
    assert done.returncode == 0, done.stderr
    ran = run(tmp_path, "x=5", PYTHONPATH=str(target))
    assert ran.returncode == 0, ran.stderr
    assert states(tmp_path) == {0: "done"}
