"""Parts in paths: folders and label files name parts, pictures do not."""

from pathlib import Path

import pytest

from data.splits.path_names import parts_by_folders, split_of


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("TRAIN/a.png", "train"),
        ("trn/a.png", "train"),
        ("TrainingSet/a.png", "train"),
        ("images/train2017/a.png", "train"),
        ("Validation Set/a.png", "validation"),
        ("images_val/a.png", "validation"),
        ("dev/a.png", "validation"),
        ("eval/a.png", "validation"),
        ("testing/a.png", "test"),
        ("hold-out/a.png", "test"),
        ("Held_Out/a.png", "test"),
        ("holdout/labels/a.txt", "test"),
        ("annotations/instances_train2017.json", "train"),
        ("project-valid.json", "validation"),
        ("test/train/a.png", "train"),
        ("Validierung/a.png", "validation"),
        ("Entrenamiento/a.png", "train"),
        ("validación/a.png", "validation"),
        ("validacio\u0301n/a.png", "validation"),
        ("pruebas/a.png", "test"),
        ("Entraînement/a.png", "train"),
        ("treino/a.png", "train"),
        ("Validação/a.png", "validation"),
        ("teste/a.png", "test"),
        ("addestramento/a.png", "train"),
        ("Walidacja/a.png", "validation"),
        ("do\u011frulama/a.png", "validation"),
        ("\u0422\u0435\u0441\u0442/a.png", "test"),
        ("\u8bad\u7ec3\u96c6/a.png", "train"),
        ("images_\u9a8c\u8bc1/a.png", "validation"),
        ("\ud14c\uc2a4\ud2b8/a.png", "test"),
        ("\u30c6\u30b9\u30c8/a.png", "test"),
    ],
)
def test_words_for_a_part(path: str, part: str):
    assert split_of(Path(path)) == part


@pytest.mark.parametrize(
    "path",
    [
        "test_contract.png",
        "images/training manual.jpg",
        "blood test/a.png",
        "trainer/a.png",
        "contest/a.png",
        "validated by ann/a.png",
        "latest/a.png",
        "letters/dev-team.png",
        "test \u0434\u043e\u0433\u043e\u0432\u043e\u0440/a.png",
    ],
)
def test_words_with_other_meanings(path: str):
    assert split_of(Path(path)) == ""


def test_valid_beside_invalid_is_no_part():
    names = [
        "ann/Valid/1.png",
        "ann/Invalid/1.png",
        "bob/valid/1.png",
        "train/ann/valid/2.png",
        "train/ann/invalid/2.png",
    ]
    assert parts_by_folders(names) == ["", "", "validation", "train", "train"]
    assert parts_by_folders(["valid/a.png", "train/b.png", "c.png"]) == ["validation", "train", ""]
