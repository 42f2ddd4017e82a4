"""Keys that a run's version did not have keep their former meaning, whatever their default is today."""

from pathlib import Path

import pytest
import yaml

from engine.overrides import Overrides
from engine.runs.run_settings import read_run, settings_of

PAGES = {"name": "pages", "root": "scans", "labels": "yolo", "classes": [], "held_out": 0.2}


def old_run(folder: Path, dataset: dict) -> Path:
    (folder / ".hydra").mkdir(parents=True)
    config = {"task": {"name": "detector"}, "model": {"name": "retinanet_small"}, "dataset": dataset}
    (folder / ".hydra" / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "run.json").write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ({}, {"unlabelled": "empty", "exif": "upright", "crowds": False, "test": 0.0, "part": "validation"}),
        ({}, {"tilted": "labelled"}),
        ({"unlabelled": "skip", "test": 0.1}, {"unlabelled": "skip", "exif": "upright", "test": 0.1}),
    ],
)
def test_keys_that_a_run_lacks_mean_what_its_version_did(tmp_path: Path, recorded: dict, expected: dict):
    run = read_run(old_run(tmp_path / "run", {**PAGES, **recorded}))
    assert run
    settings, dropped = settings_of(run, Overrides.readable([]))
    assert {key: settings["dataset"].get(key) for key in expected} == expected
    assert not dropped
