"""The pretrained models: their files match their cards."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from data.errors import UserError
from data.options import accept, former_values, TARGET
from engine.option_files import OptionFiles
from engine.validation import class_of
from models.pretrained.card import card_of, describe, FOLDER, read_card, sha256_of, TEXT, WEIGHTS

TASKS = ("cleaner", "detector")
MOST_BYTES = 10_000_000


def test_each_task_has_one():
    assert sorted(folder.name for folder in FOLDER.iterdir() if (folder / WEIGHTS).exists()) == sorted(TASKS)


def test_together_they_are_small():
    assert sum((FOLDER / task / WEIGHTS).stat().st_size for task in TASKS) < MOST_BYTES


@pytest.mark.parametrize("task", TASKS)
def test_the_weights_are_those_of_the_card(task: str):
    card, file = card_of(task), FOLDER / task / WEIGHTS
    assert card.task == task
    assert card.weights["bytes"] == file.stat().st_size
    assert card.weights["sha256"] == sha256_of(file)
    with np.load(file, allow_pickle=False) as archive:
        names = [name for name in archive.files if name.startswith("model/")]
        assert card.weights["parameters"] == sum(archive[name].size for name in names)
        assert {archive[name].dtype.name for name in names} <= {card.weights["dtype"], "int64"}
        assert all(np.isfinite(archive[name]).all() for name in names)


@pytest.mark.parametrize("task", TASKS)
def test_the_card_says_how_to_train_it_again_and_what_to_expect(task: str):
    card = card_of(task)
    assert card.training["repeat"].startswith("python train.py ")
    assert len(card.training["commit"]) == 40
    assert not card.training["dirty"]
    assert card.training["seconds"] > 0
    assert 0 < card.training["step"] <= card.training["steps"]
    assert card.data["fingerprint"]["content"]
    assert card.bad_at
    assert all(card.metrics.values())


@pytest.mark.parametrize("task", TASKS)
def test_the_text_is_that_of_the_card(task: str):
    assert (FOLDER / task / TEXT).read_text() == describe(card_of(task))


@pytest.mark.parametrize("task", TASKS)
def test_its_network_is_one_of_today(task: str):
    values = card_of(task).model
    kind = class_of({TARGET: OptionFiles().target(f"model/{values['name']}")}, "model")
    assert accept(kind, former_values(kind) | values, "model").name == values["name"]


def test_a_folder_without_a_card_is_one_line(tmp_path: Path):
    with pytest.raises(UserError, match="no model card in"):
        read_card(tmp_path)
    (tmp_path / "card.json").write_text('{"task": "cleaner"}')
    with pytest.raises(UserError, match="no model card in"):
        read_card(tmp_path)


@pytest.mark.parametrize("task", TASKS)
def test_no_file_beside_the_weights_is_forgotten(task: str):
    assert sorted(file.name for file in (FOLDER / task).iterdir()) == ["card.json", "card.md", "weights.npz"]
    assert zipfile.is_zipfile(FOLDER / task / WEIGHTS)
