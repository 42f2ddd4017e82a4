"""Whole runs through train.py: their files, how they stop, and that nothing is lost."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from programs import REPOSITORY, Run, Start
from small_runs import SMALL, SMALL_UNET

from engine.runs.run_folder import read_metadata

pytestmark = pytest.mark.slow

UNET = SMALL_UNET[:-1]
"""With the default optimizer, whose state is resumed too."""

LONG = ("trainer.train_steps=160", "trainer.validation_interval=40", "trainer.steps_per_loop=10", "deterministic=true")


def run_folder(cwd: Path) -> Path:
    (folder,) = (cwd / "outputs" / "cleaner").iterdir()
    return folder


def metrics_of(folder: Path) -> dict[str, float]:
    """The final metrics without what the clock decides."""
    return {name: value for name, value in read_metadata(folder)["metrics"].items() if name != "seconds"}


def wait_for(process: "subprocess.Popen[str]", pattern: str, cwd: Path) -> None:
    while not list(cwd.glob(pattern)):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.fixture(scope="module")
def uncut(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("uncut")
    result = run(*UNET, *LONG, cwd=cwd, cold=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    (cwd / "console.txt").write_text(result.stdout)
    return run_folder(cwd)


def test_a_run_writes_its_files(uncut: Path):
    metadata = read_metadata(uncut)
    assert metadata["status"] == "done"
    assert metadata["versions"]["python"]
    assert set(metadata["git"]) == {"commit", "dirty"}
    assert metadata["dataset"]["fingerprint"]
    assert [entry["step"] for entry in metadata["history"]] == [40, 80, 120, 160]
    assert metadata["metrics"] == max(metadata["history"], key=lambda entry: entry["ink_f1"])
    names = {"ink_precision", "ink_recall", "ink_f1", "ssim", "psnr", "rmse", "loss", "step", "seconds"}
    assert set(metadata["metrics"]) == names
    for part in ("train.log", ".hydra/config.yaml", ".hydra/overrides.yaml", "checkpoints/ckpt-160.index"):
        assert (uncut / part).is_file()
    assert (uncut / "export" / "saved_model.pb").is_file()
    with Image.open(uncut / "samples.png") as sheet:
        assert sheet.width > 2 * 3 * 224
    assert not list(uncut.rglob("*.partial*"))
    assert "eval batches of each rank: " in (uncut / "train.log").read_text()


def test_the_console_names_the_files_and_the_next_commands(uncut: Path):
    text = (uncut.parents[2] / "console.txt").read_text()
    lines = text.splitlines()
    assert lines[0].startswith("cleaner · unet · synthetic · cpu")
    assert [line.split()[0] for line in lines[-5:]] == ["best", "model", "look", "repeat", "next"]
    relative = uncut.relative_to(uncut.parents[2])
    assert f"{relative}/export" in text
    assert f"run_dir={relative}" in lines[-1]
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True).stdout
    repeat = read_metadata(uncut)["repeat"]
    assert lines[-2].startswith(f"repeat   {repeat}   (at commit {commit[:9]}")
    arguments = shlex.split(repeat)
    assert arguments[1] == str(REPOSITORY / "train.py")
    assert set(arguments[2:]) >= {*UNET, *LONG}
    assert "WARNING" not in text


def test_tensorboard_holds_scalars_and_pictures(uncut: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def tags(folder: str) -> dict:
        events = EventAccumulator(str(uncut / folder), size_guidance={"tensors": 0}).Reload()
        return {tag: len(events.Tensors(tag)) for tag in events.Tags()["tensors"]}

    train, validation = tags("train"), tags("validation")
    assert train["training/loss"] == 16
    assert train["speed/examples_per_second"] == 16
    assert train["training/learning_rate"] == 16
    assert {f"metrics/{name}" for name in ("ink_f1", "ssim", "psnr", "rmse", "loss")} <= set(validation)
    assert validation["images/predictions"] == 4


def test_the_model_learns(uncut: Path):
    losses = [entry["loss"] for entry in read_metadata(uncut)["history"]]
    assert losses[-1] < 0.8 * losses[0]


def test_the_same_seed_gives_the_same_metrics_bit_for_bit(run: Run, uncut: Path, tmp_path: Path):
    assert run(*UNET, *LONG, cwd=tmp_path).returncode == 0
    assert metrics_of(run_folder(tmp_path)) == metrics_of(uncut)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda stop: stop.name)
def test_an_interrupted_run_resumes_and_ends_as_if_uninterrupted(
    start: Start, run: Run, uncut: Path, tmp_path: Path, stop: signal.Signals
):
    process = start(*UNET, *LONG, cwd=tmp_path)
    wait_for(process, "outputs/cleaner/*/checkpoints/ckpt-80.index", tmp_path)
    process.send_signal(stop)
    output, errors = process.communicate(timeout=60)
    folder = run_folder(tmp_path)
    if stop != signal.SIGKILL:
        assert process.returncode == 130
        assert f"{stop.name}; checkpoint written" in output
        assert f"run_dir={folder.relative_to(tmp_path)}" in output
        assert errors == ""
        assert read_metadata(folder)["status"] == "interrupted"
    assert not (folder / "export").exists()

    again = run(*UNET, *LONG, cwd=tmp_path)  # the same command
    assert again.returncode == 0, again.stderr
    assert "resume" in again.stdout
    assert run_folder(tmp_path) == folder
    assert metrics_of(folder) == metrics_of(uncut)
    steps = [entry["step"] for entry in read_metadata(folder)["history"]]
    assert steps == [40, 80, 120, 160]


def test_dropout_resumes_too(start: Start, run: Run, tmp_path: Path):
    overrides = (
        *SMALL,
        "model=autoencoder",
        "model.filters=[4,4]",
        "model.optimizer=adam",
        "trainer.train_steps=16",
        "deterministic=true",
    )
    overrides = (*overrides, "trainer.validation_interval=4", "seed=3")
    assert run(*overrides, "run_dir=whole", cwd=tmp_path).returncode == 0
    process = start(*overrides, "run_dir=cut", cwd=tmp_path)
    wait_for(process, "cut/checkpoints/ckpt-4.index", tmp_path)
    process.terminate()
    process.communicate(timeout=60)
    assert read_metadata(tmp_path / "cut")["status"] == "interrupted"
    again = run("run_dir=cut", cwd=tmp_path)  # the run knows its own settings
    assert again.returncode == 0, again.stderr
    assert metrics_of(tmp_path / "cut") == metrics_of(tmp_path / "whole")


def test_a_finished_run_is_not_trained_again(run: Run, uncut: Path):
    cwd, before = uncut.parents[2], read_metadata(uncut)["history"]
    result = run(f"run_dir={uncut.relative_to(cwd)}", cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert read_metadata(uncut)["history"] == before


@pytest.mark.fault(
    "another network in an old run's folder", "one line says which settings differ; the run is as it was"
)
def test_other_settings_are_refused_in_an_old_run(run: Run, uncut: Path):
    cwd, overrides = uncut.parents[2], (uncut / ".hydra" / "overrides.yaml").read_text()
    result = run(f"run_dir={uncut.relative_to(cwd)}", "model.filters=[16,16]", cwd=cwd)
    assert result.returncode == 1
    assert "was trained with other settings: model.filters was [8, 8], now [16, 16]" in result.stderr
    assert (uncut / ".hydra" / "overrides.yaml").read_text() == overrides


@pytest.mark.fault("two runs in one folder", "the second is refused, with the number of the first one's process")
def test_two_runs_in_one_folder_are_refused(start: Start, run: Run, tmp_path: Path):
    process = start(*UNET, *LONG, "run_dir=here", cwd=tmp_path)
    wait_for(process, "here/run.json", tmp_path)
    second = run(*UNET, *LONG, "run_dir=here", cwd=tmp_path)
    process.kill()
    process.communicate()
    assert second.returncode == 1
    assert f"here is in use by process {process.pid}" in second.stderr


BROKEN_LOSS = """
import runpy, sys
import tensorflow as tf
from models.cleaner.training import CleanerTask

healthy = CleanerTask.train_step

def train_step(self, inputs, model, optimizer, metrics=None):
    logs = healthy(self, inputs, model, optimizer, metrics)
    return {name: tf.where(optimizer.iterations > 30, float("nan"), value) for name, value in logs.items()}

CleanerTask.train_step = train_step
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_a_loss_that_is_not_a_number_stops_the_run(cache_dir: Path, tmp_path: Path):
    overrides = [
        "trainer.train_steps=100",
        "trainer.validation_interval=10",
        f"dataset.cache_dir={cache_dir}",
        *UNET,
    ]
    program = f"import sys; sys.argv = {[str(REPOSITORY / 'train.py'), *overrides]!r}\n{BROKEN_LOSS}"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    first, *remedies = result.stderr.splitlines()
    assert first.startswith("error: model.learning_rate: the training loss is not a number any more (step 40)")
    assert "checkpoints/ckpt-30" in remedies[1]
    metadata = read_metadata(run_folder(tmp_path))
    assert metadata["status"] == "diverged"
    assert [entry["step"] for entry in metadata["history"]] == [10, 20, 30]


def test_early_stopping(run: Run, tmp_path: Path):
    overrides = ("model.learning_rate=1e-9", "trainer.train_steps=1000", "trainer.validation_interval=5")
    result = run(*UNET, *overrides, "trainer.early_stopping=2", "task.metric=ink_recall", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    metadata = read_metadata(run_folder(tmp_path))
    assert metadata["outcome"] == "stopped early"
    assert metadata["history"][-1]["step"] < 100
    assert "stopped early" in result.stdout


def test_bad_scans_are_named_and_counted(run: Run, tmp_path: Path):
    rng = np.random.default_rng(0)
    folder = tmp_path / "cedar" / "signatures" / "full_org"
    folder.mkdir(parents=True)
    for writer in (1, 2):
        for sample in range(1, 13):
            scan = np.full((90, 120), 255, np.uint8)
            scan[rng.integers(5, 80) :][:6, 10:100] = 20
            Image.fromarray(scan).save(folder / f"original_{writer}_{sample}.png")
    (folder / "original_1_3.png").write_bytes(b"")
    Image.fromarray(np.full((90, 120), 255, np.uint8)).save(folder / "original_2_7.png")
    overrides = ("dataset=cedar", "dataset.root=cedar", "dataset.synthetic_writers=0", "dataset.noise_layers=8")
    overrides = (
        *overrides,
        "dataset.variants=2",
        "model.filters=[4,4]",
        "model.batch_size=2",
        "trainer.train_steps=2",
    )
    stopped = run(*overrides, cwd=tmp_path)
    assert stopped.returncode == 1
    assert stopped.stderr.startswith(
        "error: dataset.max_bad_fraction: 2 of 24 scans cannot be used (8.3%, allowed 5.0%)"
    )
    assert not (tmp_path / "outputs").exists()
    passed = run(*overrides, "dataset.max_bad_fraction=0.1", cwd=tmp_path)
    assert passed.returncode == 0, passed.stderr
    assert "original_1_3.png: not a readable image (the file is empty)" in passed.stdout
    assert "original_2_7.png: no ink" in passed.stdout
    assert "2 scans that cannot be used" in passed.stdout.splitlines()[-6]
    assert len(read_metadata(run_folder(tmp_path))["dataset"]["bad_scans"]) == 2


def test_a_sweep_returns_the_metric_of_each_trial(run: Run, tmp_path: Path):
    overrides = ("trainer.train_steps=2", "trainer.validation_interval=2", "model.learning_rate=1e-3,1e-4")
    result = run("-m", *UNET, *overrides, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    trials = sorted((tmp_path / "outputs" / "cleaner").glob("*/[01]-learning_rate_*/run.json"))
    assert len(trials) == 2
    rates = [json.loads(file.read_text())["settings"]["model"]["learning_rate"] for file in trials]
    assert rates == [1e-3, 1e-4]
