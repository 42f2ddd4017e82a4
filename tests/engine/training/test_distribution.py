"""Two ranks through train.py, mpirun and MultiWorkerMirroredStrategy: one training, not two."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from programs import REPOSITORY, Run, Start
from small_runs import SMALL_UNET

from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.slow

STEPS = ("trainer.train_steps=50", "trainer.validation_interval=10", "trainer.max_to_keep=20")
EXACT = ("hardware.dtype=float32", "deterministic=true", *STEPS)


def weights(run: Path, step: int) -> dict[str, np.ndarray]:
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(run / "checkpoints" / f"ckpt-{step}"))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith("model/")]
    return {name: reader.get_tensor(name) for name in names if reader.get_tensor(name).dtype.kind == "f"}


@pytest.fixture(scope="module")
def two_ranks(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("two")
    overrides = (*SMALL_UNET, *EXACT, "hardware=cpu2", "model.batch_size=2", "model.learning_rate=1e-3", "run_dir=run")
    done = run(*overrides, cwd=cwd)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "InitializeLog" not in done.stderr + done.stdout
    (cwd / "console.txt").write_text(done.stdout)
    return cwd / "run"


def test_two_ranks_end_with_the_weights_of_one_rank_with_the_batch_of_both(run: Run, two_ranks: Path, tmp_path: Path):
    overrides = (*SMALL_UNET, *EXACT, "hardware=cpu", "model.batch_size=4", "model.learning_rate=2e-3", "run_dir=run")
    done = run(*overrides, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    one, two = weights(tmp_path / "run", 20), weights(two_ranks, 20)
    assert one.keys() == two.keys()
    for name, weight in one.items():
        np.testing.assert_allclose(two[name], weight, rtol=2e-3, atol=2e-4, err_msg=name)
    ours, theirs = (read_metadata(folder)["history"][1] for folder in (tmp_path / "run", two_ranks))
    for name in ("ink_f1", "ssim", "psnr", "loss"):
        assert ours[name] == pytest.approx(theirs[name], rel=2e-3)


def test_rank_0_owns_the_folder_and_the_console(two_ranks: Path):
    assert (two_ranks / "export" / "saved_model.pb").is_file()
    assert (two_ranks / "train.log").is_file()
    assert (two_ranks / "rank_1.log").is_file()
    assert not (two_ranks / "rank_0.log").exists()
    events = list((two_ranks / "train").glob("events.out.*"))
    assert len(events) == 1
    lines = (two_ranks.parent / "console.txt").read_text().splitlines()
    assert "cpu2 (2 processes of 1 core" in lines[0]
    assert [line.split()[0] for line in lines[-5:]] == ["best", "model", "look", "repeat", "next"]
    assert sum(line.startswith("data") for line in lines) == 1
    assert "<stdout>" not in lines[0]


def test_the_command_that_was_typed_is_recorded(two_ranks: Path):
    assert "train.py" in read_metadata(two_ranks)["command"]
    assert "hardware=cpu2" in read_metadata(two_ranks)["command"]


def test_ctrl_c_checkpoints_every_rank_and_the_run_resumes(start: Start, run: Run, two_ranks: Path, tmp_path: Path):
    overrides = (*SMALL_UNET, *EXACT, "hardware=cpu2", "model.batch_size=2", "model.learning_rate=1e-3", "run_dir=run")
    process = start(*overrides, cwd=tmp_path)
    deadline = time.monotonic() + 120
    while not (tmp_path / "run/checkpoints/ckpt-10.index").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "checkpoint written" in output
    assert "resume   run the same command again" in output
    assert read_metadata(tmp_path / "run")["status"] == "interrupted"
    again = run("run_dir=run", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "resume" in again.stdout
    for name, weight in weights(two_ranks, 50).items():
        np.testing.assert_allclose(weights(tmp_path / "run", 50)[name], weight, rtol=1e-4, atol=1e-5, err_msg=name)


def test_started_by_hand_under_mpirun_nothing_is_launched_again(tmp_path: Path, cache_dir: Path):
    mpirun = shutil.which("mpirun", path=str(Path(sys.executable).parent))
    if mpirun is None:
        pytest.skip("no mpirun beside this Python")
    overrides = (*SMALL_UNET, "hardware=cpu2", "trainer.train_steps=2", "trainer.validation_interval=2")
    by_hand = [mpirun, "--allow-run-as-root", "--oversubscribe", "-np", "2", sys.executable, REPOSITORY / "train.py"]
    command = [*by_hand, f"dataset.cache_dir={cache_dir}", *overrides]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "outputs" / "cleaner").iterdir()
    assert json.loads((folder / "run.json").read_text())["status"] == "done"


def test_another_number_of_ranks_is_refused(tmp_path: Path):
    mpirun = shutil.which("mpirun", path=str(Path(sys.executable).parent))
    if mpirun is None:
        pytest.skip("no mpirun beside this Python")
    by_hand = [mpirun, "--allow-run-as-root", "--oversubscribe", "-np", "2", sys.executable, REPOSITORY / "train.py"]
    done = subprocess.run([*by_hand, "dataset=synthetic"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "error: hardware.processes: hardware=cpu has 1, but mpirun started 2" in done.stderr


def test_a_mistake_in_a_rank_is_one_line(run: Run, tmp_path: Path):
    done = run("dataset=cedar", "hardware=cpu2", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: dataset.root: no CEDAR images in data/raw/cedar")
    assert "Traceback" not in done.stderr


def test_a_sweep_runs_under_mpirun_and_ranks_its_trials(run: Run, tmp_path: Path):
    overrides = ("trainer.train_steps=4", "trainer.validation_interval=4", "model.learning_rate=1e-2,1e-4")
    done = run("-m", *SMALL_UNET, *overrides, "hydra.sweep.dir=sweep", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "sweep" / "leaderboard.csv").read_text().splitlines()
    assert rows[0].startswith("rank,trial,model.learning_rate,ink_f1,")
    assert len(rows) == 3
    values = [float(row.split(",")[3]) for row in rows[1:]]
    assert values == sorted(values, reverse=True)
    assert "best " in done.stdout
