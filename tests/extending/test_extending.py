"""The models, datasets and tasks of docs/extending.md, from a user's own folder, work like the project's own."""

from pathlib import Path

import pytest
from example_files import write_examples
from PIL import Image
from programs import Run
from small_runs import SMALL

from engine.runs.run_folder import read_metadata

SHORT = (
    "trainer.train_steps=4",
    "trainer.validation_interval=2",
    "trainer.image_summaries=2",
)


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_examples(tmp_path_factory.mktemp("mine"))


def options(mine: Path) -> tuple[str, str]:
    return "--config-dir", str(mine / "conf")


def succeed(run: Run, mine: Path, cwd: Path, *overrides: str) -> str:
    done = run(*options(mine), *overrides, cwd=cwd, PYTHONPATH=str(mine))
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def fail(run: Run, mine: Path, cwd: Path, *overrides: str) -> str:
    done = run(*options(mine), *overrides, cwd=cwd, PYTHONPATH=str(mine))
    assert done.returncode == 1
    return done.stderr


@pytest.mark.slow
def test_a_model_is_a_module_and_a_yaml(run: Run, mine: Path, tmp_path: Path):
    said = succeed(run, mine, tmp_path, "model=plain", *SMALL, *SHORT, "run_dir=run")
    assert said.startswith("cleaner · plain · synthetic")
    assert read_metadata(tmp_path / "run")["status"] == "done"
    assert (tmp_path / "run/export/saved_model.pb").is_file()
    again = succeed(run, mine, tmp_path, "run_dir=run", "trainer.train_steps=6")
    assert "from step 4" in again
    assert "ink F1" in succeed(run, mine, tmp_path, "mode=eval", "run_dir=run")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("model=plain", "model.width=0"), "model.width: 0 is not a value that it takes (1 to 256)"),
        (
            ("model=plain", "model.width=many"),
            "model.width: many is not a value that it takes (a whole number 1 to 256)",
        ),
        (("model=plain", "model.wdith=4"), "model.wdith: no such key. Did you mean model.width?"),
        (
            ("model=plain", "model.width=256", "model.depth=32"),
            "model.depth: 32 convolutions of 256 filters are too slow",
        ),
        (("task=detector", "model=plain"), "model: plain does not go with task=detector"),
        (("dataset=listed", "dataset.held_out_writers=0"), "dataset.held_out_writers: 0 is not a value"),
        (("dataset=listed", "dataset.list=nowhere.txt"), "dataset.list: cannot read nowhere.txt"),
        (
            ("task=ink_share", "task.metric=accuracy"),
            "task.metric: accuracy is not a value that it takes (error | loss)",
        ),
        (("task=ink_share", "model=unet"), "model: unet does not go with task=ink_share (model=share)"),
    ],
)
def test_it_has_limits_and_errors_of_one_line(
    run: Run, mine: Path, tmp_path: Path, overrides: tuple[str, ...], message: str
):
    said = fail(run, mine, tmp_path, *overrides)
    assert said.startswith(f"error: {message}")
    assert len(said.splitlines()) <= 3
    assert not (tmp_path / "outputs").exists()


def test_it_is_in_the_help(run: Run, mine: Path, tmp_path: Path):
    text = succeed(run, mine, tmp_path, "--help")
    for line in ("plain  ", "listed  ", "ink_share  ", "cpu3  "):
        assert line in text
    assert "A few convolutions at full resolution." in text
    printed = succeed(run, mine, tmp_path, "model=plain", "--cfg", "job")
    assert "# filters of each convolution" in printed


def test_a_class_that_is_not_on_the_path_says_so(run: Run, mine: Path, tmp_path: Path):
    done = run(*options(mine), "model=plain", *SMALL, cwd=tmp_path)
    assert done.returncode == 1
    assert "model._target_: plain_cleaner.PlainCleaner cannot be imported" in done.stderr
    assert "PYTHONPATH" in done.stderr


@pytest.mark.slow
def test_a_dataset_is_a_module_and_a_yaml(run: Run, mine: Path, tmp_path: Path, signature_scans: list[Path]):
    lines = [f"{number % 3} {path}" for number, path in enumerate(signature_scans)]
    (tmp_path / "signatures.txt").write_text("\n".join(lines))
    small = [override for override in SMALL if override.split("=")[0] not in ONLY_DRAWN]
    small = ["dataset=listed", *small, "model.filters=[8,8]", "model.window=64"]
    said = succeed(run, mine, tmp_path, *small, *SHORT, "run_dir=run")
    assert "cleaner · unet · listed" in said
    assert read_metadata(tmp_path / "run")["dataset"]["validation_pairs"] == 2


ONLY_DRAWN = ("dataset", "dataset.writers", "dataset.held_out_writers", "dataset.samples_per_writer")


@pytest.fixture
def signature_scans(tmp_path: Path) -> list[Path]:
    """Six drawn signatures as files."""
    from data.signatures.synthetic_signatures import draw_signature

    paths = []
    for number in range(6):
        paths.append(tmp_path / f"scan_{number}.png")
        Image.fromarray(draw_signature(1, number, 0)).save(paths[-1])
    return paths


@pytest.mark.slow
def test_a_task_is_a_folder_and_its_yamls(run: Run, mine: Path, tmp_path: Path, signature_scans: list[Path]):
    said = succeed(run, mine, tmp_path, "task=ink_share", *SMALL, *SHORT)
    assert said.startswith("ink_share · share · synthetic")
    assert "mean error" in said
    (folder,) = (tmp_path / "outputs/ink_share").iterdir()
    place = f"run_dir={folder.relative_to(tmp_path)}"
    history = read_metadata(folder)["history"]
    assert read_metadata(folder)["metrics"] == min(history, key=lambda entry: entry["error"])
    assert (folder / "samples.png").is_file()
    assert "mean error" in succeed(run, mine, tmp_path, "mode=eval", place)
    assert "% ink" in succeed(run, mine, tmp_path, "mode=predict", f"predict.input={signature_scans[0]}", place)
    assert "valid" in succeed(run, mine, tmp_path, "mode=inspect", "task=ink_share", *SMALL)


@pytest.mark.slow
def test_a_number_of_cards_is_a_yaml(run: Run, mine: Path, tmp_path: Path):
    said = succeed(run, mine, tmp_path, "hardware=cpu3", "hydra.launcher.dry_run=true")
    assert "-np 3" in said
