"""Processes killed, terminated and suspended at random moments; the same command then ends as if uninterrupted."""

import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_runs import SMALL_UNET
from struck_program import Program

from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.slow

STEPS, INTERVAL = 120, 30
LONG = (
    *SMALL_UNET,
    "model.filters=[8]",
    "model.convolutions=1",
    "trainer.image_summaries=0",
    f"trainer.train_steps={STEPS}",
    f"trainer.validation_interval={INTERVAL}",
    "trainer.steps_per_loop=10",
    "deterministic=true",
)
TWO_RANKS = ("hardware=cpu2", "hardware.threads=1")

WORKER, MPIRUN = "mpi_launcher/_rank.py", " -np 2 "  # Open MPI 5 runs under another name than mpirun

GOES_ON = "the same command resumes from the latest checkpoint and ends with the metrics of an uninterrupted run"
FAULTS = {
    "the trainer is killed (SIGKILL)": ((), "train.py", signal.SIGKILL),
    "the trainer gets SIGTERM": ((), "train.py", signal.SIGTERM),
    "Ctrl-C": ((), "train.py", signal.SIGINT),
    "one of two ranks is killed": (TWO_RANKS, WORKER, signal.SIGKILL),
    "mpirun is killed": (TWO_RANKS, MPIRUN, signal.SIGKILL),
    "the launcher is killed": (TWO_RANKS, "train.py", signal.SIGKILL),
    "the launcher gets SIGTERM": (TWO_RANKS, "train.py", signal.SIGTERM),
    "Ctrl-C with two ranks": (TWO_RANKS, "train.py", signal.SIGINT),
}
QUICK = ("the trainer is killed (SIGKILL)", "one of two ranks is killed")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    moments = max(1, metafunc.config.getoption("--moments"))
    if "hung_moment" in metafunc.fixturenames:
        metafunc.parametrize("hung_moment", range(moments))
    if "moment" not in metafunc.fixturenames:
        return
    cases = []
    for seed in range(moments):  # every fault once, then every fault again: whenever it is stopped, all have been tried
        for name, fault in FAULTS.items():
            marks = [pytest.mark.fault(name, GOES_ON)]
            if name not in QUICK:
                marks.append(pytest.mark.thorough)
            cases.append(pytest.param(fault, seed, id=f"{name}, {seed}", marks=marks))
    metafunc.parametrize(("fault", "moment"), cases)


@pytest.fixture
def program() -> Iterator[Callable[..., Program]]:
    """Starts train.py with arguments in a folder, and leaves nothing of it."""
    started: list[Program] = []

    def start(arguments: tuple[str, ...], cwd: Path) -> Program:
        started.append(Program(arguments, cwd))
        return started[-1]

    yield start
    for one in started:
        one.kill_all()


def arguments_of(extra: tuple[str, ...], cache_dir: Path) -> tuple[str, ...]:
    return (*LONG, *extra, f"dataset.cache_dir={cache_dir}")


def last_run(cwd: Path) -> Path:
    return max((cwd / "outputs" / "cleaner").iterdir(), key=lambda folder: folder.stat().st_ctime)


def last_written_step(run: Path) -> int:
    """Of the training, as TensorBoard's files have it; 0 if they have none."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    if not (run / "train").is_dir():  # it had not come so far
        return 0
    events = EventAccumulator(str(run / "train"), size_guidance={"tensors": 0}).Reload()
    return max((event.step for tag in events.Tags()["tensors"] for event in events.Tensors(tag)), default=0)


def metrics_of(folder: Path) -> dict[str, float]:
    return {name: value for name, value in read_metadata(folder)["metrics"].items() if name != "seconds"}


@pytest.fixture(scope="session")
def uncut(cache_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], tuple]:
    """(metrics, seconds) of a run that nothing happened to, made once for each hardware."""
    known: dict[tuple[str, ...], tuple[dict[str, float], float]] = {}

    def measure(extra: tuple[str, ...]) -> tuple[dict[str, float], float]:
        if extra not in known:
            cwd = tmp_path_factory.mktemp("uncut")
            started = time.monotonic()
            done = Program(arguments_of(extra, cache_dir), cwd).end()
            assert done.returncode == 0, done.stderr
            known[extra] = metrics_of(last_run(cwd)), time.monotonic() - started
        return known[extra]

    return measure


def test_a_run_struck_at_a_random_moment_is_not_lost(
    fault: tuple, moment: int, uncut: Callable, program: Callable, cache_dir: Path, tmp_path: Path
):
    extra, victim, blow = fault
    metrics, seconds = uncut(extra)
    arguments = arguments_of(extra, cache_dir)
    struck = program(arguments, tmp_path)
    time.sleep(random.Random(f"{victim} {blow} {moment}").uniform(0.05, 0.95) * seconds)
    while not (victims := struck.members(victim)) and struck.process.poll() is None:
        time.sleep(0.02)  # it has not been born yet
    if victims:  # else all has ended before
        os.kill(victims[-1] if victim == WORKER else victims[0], blow)
    first = struck.end()
    assert struck.leftovers() == []
    assert "Traceback" not in first.stderr

    runs = list((tmp_path / "outputs" / "cleaner").glob("*"))
    latest = [int(file.stem.split("-")[1]) for run in runs for file in run.glob("checkpoints/ckpt-*.index")]
    assert max(map(last_written_step, runs), default=0) - max(latest, default=0) <= INTERVAL
    again = program(arguments, tmp_path).end()
    assert again.returncode == 0, again.stderr
    if latest and not all(read_metadata(run)["status"] == "done" for run in runs):
        resumed = re.search(r"resume .* from step (\d+)", again.stdout)
        if max(latest) < STEPS or resumed:
            assert int(resumed[1]) == max(latest)
    same(metrics_of(last_run(tmp_path)), metrics)


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found == pytest.approx(expected, rel=1e-6)


HANGS = "the launcher kills the run after stall_minutes and retries it; its metrics are those of an uninterrupted run"


@pytest.mark.thorough
@pytest.mark.fault("one of two ranks hangs", HANGS)
def test_a_hung_rank_is_noticed(hung_moment: int, uncut: Callable, program: Callable, cache_dir: Path, tmp_path: Path):
    metrics, _ = uncut(TWO_RANKS)
    launcher = ("hydra.launcher.stall_minutes=1.5", "hydra.launcher.retries=1")
    struck = program((*arguments_of(TWO_RANKS, cache_dir), *launcher), tmp_path)
    rng = random.Random(hung_moment)
    step = rng.choice((INTERVAL, 2 * INTERVAL))  # early enough that the run is still training
    while not list(tmp_path.glob(f"outputs/cleaner/*/checkpoints/ckpt-{step}.index")):
        assert struck.process.poll() is None
        time.sleep(0.02)
    time.sleep(rng.uniform(0, 0.3))
    os.kill(struck.members(WORKER)[-1], signal.SIGSTOP)
    done = struck.end(timeout=400)
    assert done.returncode == 0, done.stderr
    assert struck.leftovers() == []
    same(metrics_of(last_run(tmp_path)), metrics)
