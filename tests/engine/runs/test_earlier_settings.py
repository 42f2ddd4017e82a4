"""A run of a version without the keys of a split resumes; one with another split does not."""

import dataclasses
import json
from pathlib import Path

import pytest
from composing import accepted

from data.errors import UserError
from engine.runs.run_folder import RunFolder

NEW = ("part", "split", "documents", "test")
WORDS = ("task=detector", "dataset=pages")


def earlier_run(path: Path) -> Path:
    """A run with a checkpoint whose record lacks the keys of today."""
    config = accepted(*WORDS)
    settings = {group: dataclasses.asdict(getattr(config, group)) for group in ("task", "model", "dataset")}
    for key in NEW:
        del settings["dataset"][key]
    (path / "checkpoints").mkdir(parents=True)
    (path / "checkpoints" / "ckpt-3.index").touch()
    (path / "checkpoints" / "ckpt-3.data-00000-of-00001").touch()
    (path / "run.json").write_text(json.dumps({"settings": settings | {"seed": 1}, "status": "interrupted"}))
    return path


def test_neutral_values_are_those_of_the_earlier_version(tmp_path: Path):
    RunFolder(earlier_run(tmp_path / "run")).record_config(accepted(*WORDS), [])


@pytest.mark.fault("a run resumes with another split", "one line that names the key")
def test_another_split_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"dataset\.test was 0\.0, now 0\.2"):
        RunFolder(earlier_run(tmp_path / "run")).record_config(accepted(*WORDS, "dataset.test=0.2"), [])
