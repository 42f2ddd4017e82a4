"""Limits of every key of every schema, generated from the schemas."""

import dataclasses

import pytest
from composing import composed
from conftest import REPOSITORY
from hydra.errors import ConfigCompositionException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from data.errors import UserError
from engine.config import Config, DATASETS_OF, known_keys, MODELS_OF, SCHEMAS
from engine.validation import schema_of, validate

LISTS = (list[int], list[float])
CHOICES = [(task, model, dataset) for task in MODELS_OF for model in MODELS_OF[task] for dataset in DATASETS_OF[task]]


@pytest.mark.parametrize(("task", "model", "dataset"), CHOICES)
@pytest.mark.parametrize("hardware", sorted(file.stem for file in (REPOSITORY / "conf/hardware").glob("*.yaml")))
def test_every_combination_composes(task: str, model: str, dataset: str, hardware: str):
    validate(composed(f"task={task}", f"model={model}", f"dataset={dataset}", f"hardware={hardware}"))


@pytest.mark.parametrize("experiment", sorted(file.stem for file in (REPOSITORY / "conf/experiment").glob("*.yaml")))
def test_every_experiment_composes(experiment: str):
    validate(composed(f"experiment={experiment}"))


def limited_keys() -> list[tuple[str, str, dict, str]]:
    cases = []
    for task, model, dataset in CHOICES:
        words = f"task={task} model={model} dataset={dataset}"
        config = composed(*words.split())
        for group in ("task", "model", "dataset", "trainer", "hardware"):
            for field in dataclasses.fields(schema_of(config, group)):
                if field.name != "name":
                    cases.append((words, f"{group}.{field.name}", dict(field.metadata), field.type))
    return cases


@pytest.mark.fault("every key of every schema of the wrong type or out of range", "one line that names the key")
@pytest.mark.parametrize(
    ("words", "key", "limits", "kind"), limited_keys(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_out_of_range_and_wrong_type_are_refused(words: str, key: str, limits: dict, kind: type):
    bad = []
    if "choices" in limits:
        bad.append("nonsense")
    if "low" in limits:
        bad.append(limits["low"] - 1)
    if "above" in limits:
        bad.append(limits["above"])
    if "high" in limits:
        bad.append(limits["high"] + 1)
    for value in bad:
        shown = f"[{value}]" if kind in LISTS else value
        with pytest.raises(UserError) as refusal:
            validate(composed(*words.split(), f"{key}={shown}"))
        assert refusal.value.what == key
    if kind in (int, float, bool, *LISTS):
        with pytest.raises(ConfigCompositionException) as refusal:
            composed(*words.split(), f"{key}=nonsense")
        assert isinstance(refusal.value.__cause__, OmegaConfBaseException)


def test_known_keys_hold_every_composed_key():
    config = composed()
    keys = [str(key) for key in config]
    for group in keys:
        if OmegaConf.is_dict(config[group]):
            keys = [*keys, *(f"{group}.{leaf}" for leaf in config[group])]
    assert not set(keys) - set(known_keys())
    assert {field.name for field in dataclasses.fields(Config)} <= set(known_keys())
    assert all(SCHEMAS.values())
