"""Full, read-only and failing disks: small file systems in memory, and files changed between two runs."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from programs import Run
from small_runs import SMALL_UNET

from engine.runs.run_folder import read_metadata, write_json

pytestmark = [pytest.mark.slow, pytest.mark.thorough]

OVERRIDES = (
    *SMALL_UNET,
    "trainer.train_steps=40",
    "trainer.validation_interval=20",
    "trainer.steps_per_loop=10",
    "deterministic=true",
)

Mount = Callable[..., Path]


def metrics_of(folder: Path) -> dict[str, float]:
    return {name: value for name, value in read_metadata(folder)["metrics"].items() if name != "seconds"}


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Mounts a file system in memory at a folder, or changes it; needs root."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def change(options: str) -> Path:
        verb = [f"remount,{options}"] if os.path.ismount(folder) else [options]
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", *verb, "tmpfs", str(folder)], capture_output=True)
        if done.returncode:
            pytest.skip(f"cannot mount here: {done.stderr.decode().strip()}")
        return folder

    yield change
    if os.path.ismount(folder):
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="module")
def whole(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted run."""
    cwd = tmp_path_factory.mktemp("whole")
    done = run(*OVERRIDES, "run_dir=whole", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return cwd / "whole"


def cut(whole: Path, cwd: Path) -> Path:
    """A copy of it that looks as if it had been cut at its end."""
    copy = cwd / "cut"
    shutil.copytree(whole, copy)
    write_json(copy / "run.json", {**read_metadata(whole), "status": "interrupted"})
    return copy


GOES_ON = "one line; once there is room the same command ends with the metrics of an uninterrupted run"


@pytest.mark.parametrize(
    "kilobytes",
    [
        pytest.param(60, marks=pytest.mark.fault("disk full at the first checkpoint", GOES_ON)),
        pytest.param(150, marks=pytest.mark.fault("disk full at a later checkpoint", GOES_ON)),
        pytest.param(400, marks=pytest.mark.fault("disk full while the export is written", GOES_ON)),
        pytest.param(8, marks=pytest.mark.fault("disk full while the run's record is begun", GOES_ON)),
    ],
)
def test_a_full_disk(run: Run, whole: Path, mount: Mount, tmp_path: Path, kilobytes: int):
    disk = mount(f"size={kilobytes}k")
    full = run(*OVERRIDES, "run_dir=disk/run", cwd=tmp_path)
    assert full.returncode == 1, f"{kilobytes} KiB were enough"
    first, *remedies = full.stderr.splitlines()
    assert first.startswith("error: storage: no space left on device"), full.stderr
    assert len(remedies) == 1
    assert not (disk / "run" / "export").exists()
    mount("size=20M")
    again = run(*OVERRIDES, "run_dir=disk/run", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert metrics_of(disk / "run") == metrics_of(whole)


@pytest.mark.fault("disk full while the log is written", "the run ends well and quietly, without the lines of its log")
def test_a_log_that_cannot_be_written(run: Run, whole: Path, tmp_path: Path):
    (tmp_path / "run").mkdir()
    write_json(tmp_path / "run" / "run.json", {"status": "interrupted", "overrides": []})  # a run, not a user's folder
    (tmp_path / "run" / "train.log").symlink_to("/dev/full")  # takes no byte, as a full disk
    done = run(*OVERRIDES, "run_dir=run", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert metrics_of(tmp_path / "run") == metrics_of(whole)


@pytest.mark.fault("disk full while the cache is built", "one line, no half cache; the same command builds it later")
def test_a_full_disk_under_the_cache(run: Run, mount: Mount, tmp_path: Path):
    disk = mount("size=40k")
    overrides = (*OVERRIDES, "trainer.train_steps=2", "trainer.validation_interval=2", "dataset.cache_dir=disk/cache")
    full = run(*overrides, cwd=tmp_path)
    assert full.returncode == 1
    assert full.stderr.startswith("error: storage: no space left on device")
    assert not (tmp_path / "outputs").exists()
    assert not [path for path in (disk / "cache").iterdir() if path.is_dir()]
    mount("size=20M")
    again = run(*overrides, cwd=tmp_path)
    assert again.returncode == 0, again.stderr


@pytest.mark.fault("output folder on a read-only disk", "one line that names the folder")
def test_a_read_only_disk(run: Run, mount: Mount, tmp_path: Path):
    mount("ro")
    done = run(*OVERRIDES, "run_dir=disk/run", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        "error: run_dir: cannot write to disk/run (Read-only file system)",
    )


@pytest.mark.fault("cache folder on a read-only disk", "one line that names the folder")
def test_a_read_only_cache(run: Run, mount: Mount, tmp_path: Path):
    mount("ro")
    done = run(*OVERRIDES, "dataset.cache_dir=disk/cache", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: storage: read-only file system: disk/cache")


BEFORE = "the run uses the one before it, says so, and ends with the metrics of an uninterrupted run"


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def empty(file: Path) -> None:
    os.truncate(file, 0)


@pytest.mark.parametrize(
    ("part", "damage"),
    [
        pytest.param(
            part, damage, marks=pytest.mark.fault(f"latest checkpoint, {part}: {what}", BEFORE), id=what + part
        )
        for part in ("data-00000-of-00001", "index")
        for damage, what in ((truncate, "cut in half"), (flip, "one bit flipped"), (empty, "emptied"))
    ],
)
def test_a_damaged_checkpoint(run: Run, whole: Path, tmp_path: Path, part: str, damage: Callable):
    folder = cut(whole, tmp_path)
    damage(folder / "checkpoints" / f"ckpt-40.{part}")
    again = run("run_dir=cut", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "damaged  checkpoint ckpt-40 (" in again.stdout
    assert "from step 20" in again.stdout
    assert metrics_of(folder) == metrics_of(whole)


@pytest.mark.fault("every checkpoint damaged", "the run starts from its beginning, and says so")
def test_no_whole_checkpoint_is_left(run: Run, whole: Path, tmp_path: Path):
    folder = cut(whole, tmp_path)
    for file in folder.glob("checkpoints/ckpt-*.data*"):
        truncate(file)
    again = run("run_dir=cut", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("damaged  checkpoint") == 2
    assert "resume" not in again.stdout
    assert metrics_of(folder) == metrics_of(whole)


@pytest.mark.fault("TensorFlow's note of the latest checkpoint lost or behind", "the newest checkpoint is still used")
@pytest.mark.parametrize("note", [None, 'model_checkpoint_path: "ckpt-20"\n'])
def test_the_note_of_the_latest_checkpoint(run: Run, whole: Path, tmp_path: Path, note: str | None):
    folder = cut(whole, tmp_path)
    file = folder / "checkpoints" / "checkpoint"
    file.unlink() if note is None else file.write_text(note)
    again = run("run_dir=cut", "trainer.train_steps=60", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "from step 40" in again.stdout
    assert [entry["step"] for entry in read_metadata(folder)["history"]] == [20, 40, 60]


@pytest.mark.fault("best checkpoint damaged", "one line that names it and what to do; nothing half-made is exported")
def test_a_damaged_best_checkpoint(run: Run, whole: Path, tmp_path: Path):
    folder = cut(whole, tmp_path)
    shutil.rmtree(folder / "export")
    (best,) = folder.glob("checkpoints/best/*.data*")
    flip(best)
    done = run("mode=export", "run_dir=cut", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: run_dir: the best checkpoint, cut/checkpoints/best/step-")
    assert not (folder / "export").exists()


@pytest.mark.fault("cache deleted between two runs", "the run builds it again and continues")
def test_a_deleted_cache(run: Run, whole: Path, tmp_path: Path):
    folder = cut(whole, tmp_path)
    again = run("run_dir=cut", f"dataset.cache_dir={tmp_path / 'elsewhere'}", "trainer.train_steps=60", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert read_metadata(folder)["history"][-1]["step"] == 60


@pytest.mark.fault("run folder moved elsewhere", "run_dir=<new place> resumes it there")
def test_a_moved_run(run: Run, whole: Path, tmp_path: Path):
    (tmp_path / "far").mkdir()
    moved = tmp_path / "far" / "away"
    cut(whole, tmp_path).rename(moved)
    again = run("run_dir=far/away", "trainer.train_steps=60", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "resume   far/away from step 40" in again.stdout
    assert (moved / "export" / "saved_model.pb").is_file()
