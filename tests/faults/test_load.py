"""Load: long runs, many pages, and the ports of many ranks."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from programs import REPOSITORY, users_environment
from small_pages import marked_page, write_shard
from small_runs import SMALL_UNET
from struck_program import Program

from data.pages.page_records import serialise_page
from data.pages.tf_examples import write_records

pytestmark = [pytest.mark.slow, pytest.mark.thorough]

MB = 2**20


def train(arguments: tuple[str, ...], cwd: Path) -> int:
    """Runs train.py to its end; returns the most memory of its own that it held, in bytes, mapped files left out."""
    most = 0
    with open(cwd / "printed.txt", "w+") as printed:
        command = [sys.executable, str(REPOSITORY / "train.py"), *arguments]
        process = psutil.Popen(command, cwd=cwd, env=users_environment(), stdout=printed, stderr=subprocess.STDOUT)
        while process.poll() is None:
            with contextlib.suppress(psutil.Error):
                memory = process.memory_info()
                most = max(most, memory.rss - memory.shared)
            time.sleep(0.1)
        printed.seek(0)
        assert process.returncode == 0, printed.read()
    return most


EVALUATIONS, EVENTS_LIMIT = 300, 10 * MB


@pytest.mark.fault(
    f"a run with {EVALUATIONS} evaluations of 9 pictures",
    f"TensorBoard's files stay under {EVENTS_LIMIT // MB} MB: pictures of at most 30 evaluations go there",
)
def test_the_size_of_tensorboards_files(cache_dir: Path, tmp_path: Path):
    arguments = (
        *SMALL_UNET,
        f"trainer.train_steps={EVALUATIONS}",
        "trainer.validation_interval=1",
        "trainer.checkpoint_interval=100",
        "trainer.steps_per_loop=1",
        "trainer.image_summaries=9",
        f"dataset.cache_dir={cache_dir}",
        "run_dir=run",
    )
    train(arguments, tmp_path)
    sizes = {file: file.stat().st_size for file in (tmp_path / "run").rglob("*tfevents*")}
    assert sum(size for file, size in sizes.items() if "images" in file.name) > 100_000
    assert sum(sizes.values()) < EVENTS_LIMIT


PAGES, MEMORY_LIMIT = 10_000, 2 * 1024 * MB


@pytest.mark.fault(
    f"{PAGES:,} validation pages, through train.py",
    f"train.py holds less than {MEMORY_LIMIT // MB} MB besides the cache that it maps",
)
def test_the_memory_of_an_evaluation(tmp_path: Path):
    page = marked_page((256, 192), (20, 20, 60, 120), (100, 40, 140, 180))
    write_shard(tmp_path / "tfrecords" / "train-0", [page] * 8)
    records = (serialise_page(f"page_{number}.png", *page) for number in range(PAGES))
    write_records(tmp_path / "tfrecords" / "eval-0", records)
    arguments = (
        "task=detector",
        "dataset=signverod",
        "dataset.root=.",
        "dataset.cache_dir=cache",
        "model.input_size=[256,192]",
        "model.filters=[8,16,16,16,16]",
        "model.pyramid_filters=16",
        "model.batch_size=4",
        "trainer.train_steps=2",
        "trainer.validation_interval=2",
    )
    assert train(arguments, tmp_path) < MEMORY_LIMIT


@pytest.fixture
def two_ranks(cache_dir: Path, tmp_path: Path) -> Iterator[Program]:
    arguments = (
        *SMALL_UNET,
        "hardware=cpu2",
        "hardware.threads=1",
        "trainer.train_steps=100000",
        "trainer.validation_interval=100000",
        f"dataset.cache_dir={cache_dir}",
    )
    program = Program(arguments, tmp_path)
    yield program
    program.kill_all()


@pytest.mark.fault(
    "two ranks at work: who can reach their ports",
    "each rank listens on one port, TensorFlow's; MPI opens none in a rank of this machine",
)
def test_ports(two_ranks: Program, tmp_path: Path):
    def listening(text: str) -> list[list[int]]:
        processes = [psutil.Process(pid) for pid in two_ranks.members(text)]
        processes = [process for process in processes if process.name().startswith("python")]  # not mpirun
        return [[c.laddr.port for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN] for p in processes]

    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("outputs/cleaner/*/train/*tfevents*")):
        assert time.monotonic() < deadline
        assert two_ranks.process.poll() is None
        time.sleep(0.2)
    assert [len(set(ports)) for ports in listening("mpi_launcher/_rank.py") if ports] == [1, 1]
