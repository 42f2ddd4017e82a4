"""The pretrained models: predicted with, exported, trained from, and packed again."""

import json
from pathlib import Path

import pytest
from PIL import Image
from programs import Run
from small_runs import SMALL

from data.drawn_pages import draw_page
from models.pretrained.card import card_of, read_card

pytestmark = pytest.mark.slow


def said_of_drawn(task: str) -> dict[str, float]:
    """What the card says of drawn data, which may be a part of a mixture."""
    said = next(iter(card_of(task).metrics.values()))
    of_part = {name.removeprefix("drawn/"): value for name, value in said.items() if name.startswith("drawn/")}
    return of_part or said


def test_predict_uses_them_where_no_run_is_named(run: Run, tmp_path: Path, cache_dir: Path):
    Image.fromarray(draw_page(5, 1).pixels).save(tmp_path / "page.png")
    overrides = ("mode=predict", "predict.input=page.png", "predict.output=out", f"dataset.cache_dir={cache_dir}")
    for task, made in (("detector", "page_found.png"), ("cleaner", "page_cleaned.png")):
        result = run(*overrides, f"task={task}", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        assert f"the pretrained {task}" in result.stdout
        assert (tmp_path / "out" / made).is_file()


def test_extract_uses_both(run: Run, tmp_path: Path, cache_dir: Path):
    Image.fromarray(draw_page(5, 1).pixels).save(tmp_path / "page.png")
    result = run("mode=extract", "extract.input=page.png", f"dataset.cache_dir={cache_dir}", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "the pretrained detector" in result.stdout
    assert "the pretrained cleaner" in result.stdout
    assert (tmp_path / "outputs/extract/page.png/signatures.json").is_file()


def test_they_are_exported_without_a_run(run: Run, tmp_path: Path, cache_dir: Path):
    result = run("mode=export", "export_dir=mine", f"dataset.cache_dir={cache_dir}", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "the pretrained cleaner" in result.stdout
    assert (tmp_path / "mine" / "saved_model.pb").is_file()


def test_they_are_as_good_as_their_cards_say(run: Run, tmp_path: Path):
    small = {
        "cleaner": (
            "dataset.writers=9",
            "dataset.held_out_writers=8",
            "dataset.samples_per_writer=3",
            "dataset.noise_layers=256",
        ),
        "detector": ("dataset.pages=1", "dataset.held_out_pages=16"),
    }
    for task, sizes in small.items():
        result = run(
            *("mode=eval", f"task={task}", "export_dir=pretrained", "run_dir=report", "dataset=synthetic"),
            *("dataset.seed=77", *sizes),
            cwd=tmp_path,
        )
        assert result.returncode == 0, result.stderr
        measured = json.loads((tmp_path / "report/eval_synthetic.json").read_text())["metrics"]
        said = said_of_drawn(task)
        name = {"cleaner": "ink_f1", "detector": "AP50"}[task]
        slack = {"cleaner": 0.06, "detector": 0.2}[task]  # few pictures, of other writers and pages
        assert measured[name] > said[name] - slack, name


@pytest.mark.parametrize("task", ["cleaner", "detector"])
def test_a_training_starts_from_them(run: Run, tmp_path: Path, task: str):
    sizes = ("dataset.pages=8", "dataset.held_out_pages=2") if task == "detector" else SMALL[1:-2]
    overrides = (
        *(f"task={task}", "dataset=synthetic", *sizes, "model.batch_size=2", "run_dir=run", "trainer.train_steps=1"),
        *("trainer.validation_interval=1", "model.init_from=pretrained", "model.learning_rate=1e-9"),
        *("model.optimizer=sgd", "hardware.dtype=float32", "trainer.image_summaries=0"),
    )
    result = run(*overrides, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    said = said_of_drawn(task)
    name, slack = {"cleaner": ("ink_f1", 0.12), "detector": ("recall", 0.4)}[task]
    history = json.loads((tmp_path / "run/run.json").read_text())["history"]
    assert history[0][name] > said[name] - slack


def test_weights_of_another_network_are_refused(run: Run, tmp_path: Path):
    overrides = ("task=cleaner", *SMALL, "model.filters=[8,8,8]", "model.init_from=pretrained")
    result = run(*overrides, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: model.init_from: ")
    assert "pretrained is of another network: unet with filters=[32, 64, 128]" in result.stderr.splitlines()[0]
    assert not (tmp_path / "outputs").exists()


def test_a_run_is_packed_with_its_card(run: Run, trained: Path, tmp_path: Path):
    cwd = trained.parents[2]
    command = ("mode=pack", f"run_dir={trained.relative_to(cwd)}", f"pack.output={tmp_path / 'packed'}")
    result = run(*command, cwd=cwd)
    assert result.returncode == 1
    assert result.stderr.startswith("error: pack.bad_at: ")
    result = run(*command, 'pack.bad_at=["everything"]', cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    card = read_card(tmp_path / "packed")
    best = json.loads((trained / "run.json").read_text())["metrics"]
    assert card.training["step"] == best["step"]
    assert card.bad_at == ["everything"]
    assert card.metrics["synthetic, validation"]["AP50"] == pytest.approx(best["AP50"], abs=0.03)
    assert run(*command, cwd=cwd).returncode == 0  # the sentences of the card that is replaced
    (tmp_path / "packed" / "card.json").write_text("{}")
    result = run(*command, 'pack.bad_at=["everything"]', cwd=cwd)
    assert result.returncode == 1
    assert "mode=pack did not write it" in result.stderr


def test_without_a_run_there_is_nothing_to_pack(run: Run, tmp_path: Path):
    result = run("mode=pack", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: run_dir: mode=pack needs the folder of a trained run")
