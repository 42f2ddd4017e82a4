"""Limits of every key of every option, generated from the options themselves."""

import dataclasses

import pytest
from composing import accepted, composed
from omegaconf import OmegaConf
from programs import REPOSITORY

from data.errors import UserError
from data.options import Options
from engine.config import Config, Root
from engine.option_files import OptionFiles
from engine.validation import accept_config, changed, class_of

LISTS = (list[int], list[float])
FILES = OptionFiles()


def fitting(task: str, group: str) -> list[str]:
    """The options of a group that go with a task."""
    kind = getattr(class_of({"_target_": FILES.target(f"task/{task}")}, "task"), f"{group}_type")
    return FILES.names_of(group, task, lambda target: issubclass(class_of({"_target_": target}, group), kind))


CHOICES = [
    (task, model, dataset)
    for task in FILES.options("task")
    for model in fitting(task, "model")
    for dataset in fitting(task, "dataset")
]


def chosen(task: str, model: str, dataset: str) -> tuple[str, ...]:
    """Overrides; a mixture has one part."""
    part = (f"+dataset@dataset.parts.one=synthetic/{task}",) if dataset == "mixture" else ()
    return f"task={task}", f"model={model}", f"dataset={dataset}", *part


def test_every_option_goes_with_a_task():
    assert {task for task, _, _ in CHOICES} == {"cleaner", "detector"}
    assert {model for _, model, _ in CHOICES} == set(FILES.options("model"))
    assert {dataset for *_, dataset in CHOICES} == set(FILES.options("dataset"))


@pytest.mark.parametrize(("task", "model", "dataset"), CHOICES)
@pytest.mark.parametrize("hardware", sorted(file.stem for file in (REPOSITORY / "conf/hardware").glob("*.yaml")))
def test_every_combination_is_accepted(task: str, model: str, dataset: str, hardware: str):
    config = accepted(*chosen(task, model, dataset), f"hardware={hardware}")
    assert (config.task.name, config.model.name, config.dataset.name) == (task, model, dataset)
    assert config.hardware.name == hardware


@pytest.mark.parametrize("experiment", sorted(file.stem for file in (REPOSITORY / "conf/experiment").glob("*.yaml")))
def test_every_experiment_is_accepted(experiment: str):
    accepted(f"experiment={experiment}")


def objects(config: Config) -> list[tuple[str, Options]]:
    return [(name, value) for name, value in vars(config).items() if isinstance(value, Options)]


def limited_keys() -> list[tuple[str, str, dict, type]]:
    """Each key of each class of options once."""
    cases = [("", field.name, dict(field.metadata), field.type) for field in dataclasses.fields(Root)]
    seen = set()
    for task, model, dataset in CHOICES:
        overrides = " ".join(chosen(task, model, dataset))
        for group, value in objects(accepted(*overrides.split())):
            for field in dataclasses.fields(value):
                if field.name != "name" and (type(value), field.name) not in seen:
                    seen.add((type(value), field.name))
                    cases.append((overrides, f"{group}.{field.name}", dict(field.metadata), field.type))
    return cases


@pytest.mark.fault("every key of every schema of the wrong type or out of range", "one line that names the key")
@pytest.mark.parametrize(
    ("overrides", "key", "limits", "kind"), limited_keys(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_out_of_range_and_wrong_type_are_refused(overrides: str, key: str, limits: dict, kind: type):
    config, bad = accepted(*overrides.split()), []
    if "choices" in limits:
        bad.append("nonsense")
    if "low" in limits:
        bad.append(limits["low"] - 1)
    if "above" in limits:
        bad.append(limits["above"])
    if "high" in limits:
        bad.append(limits["high"] + 1)
    if kind in (int, float, bool, *LISTS):
        bad.append("nonsense")
    for value in bad:
        with pytest.raises(UserError) as refusal:
            changed(config, {key: [value] if kind in LISTS and value != "nonsense" else value})
        assert refusal.value.what == key
        assert str(value) in refusal.value.why


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ("model=retinanet", "model: retinanet does not go with task=cleaner (model=autoencoder | unet)"),
        ("dataset=pages", "dataset: pages does not go with task=cleaner (dataset=cedar | crops | mixture | signatures"),
        ("task=detector model=unet", "model: unet does not go with task=detector (model=retinanet | retinanet_small)"),
        ("task.metric=AP", "task.metric: AP is not a value that it takes (ink_f1 | ink_precision"),
        (
            "task.better=lower",
            "task.better: lower contradicts task.metric=ink_f1, of which higher values are better;",
        ),
        ("+model.fliters=[8]", "model.fliters: no such key. Did you mean model.filters?"),
        ("~model._target_", "model._target_: names no class"),
        ("model._target_=nowhere.Model", "model._target_: nowhere.Model cannot be imported (No module named 'nowhere'"),
        ("model._target_=pathlib.Path", "model._target_: pathlib.Path is not a dataclass of options"),
        ("mode=predict", "predict.input: mode=predict needs an image file"),
        ("mode=compare", "runs: mode=compare needs a folder of runs"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(overrides: str, message: str):
    with pytest.raises(UserError) as refusal:
        accepted(*overrides.split())
    assert str(refusal.value).startswith(message)


def test_a_key_without_a_value_is_refused():
    with pytest.raises(UserError, match=r"^model\.filters: has no value \(a list of whole numbers 1 to 4096\)$"):
        accepted("~model.filters")


def test_the_metric_says_which_way_it_improves():
    assert accepted("task.metric=rmse").task.better == "lower"
    assert accepted("task.metric=psnr").task.better == "higher"


def test_every_key_is_known():
    composed_keys = [str(key) for key in composed()]
    for group in list(composed_keys):
        if OmegaConf.is_dict(composed()[group]):
            composed_keys += [f"{group}.{leaf}" for leaf in composed()[group] if leaf != "_target_"]
    assert not set(composed_keys) - set(FILES.every_key())


def test_the_composed_config_stays_as_it_is():
    config = composed("seed=3")
    before = OmegaConf.to_yaml(config)
    assert accept_config(config).seed == 3
    assert OmegaConf.to_yaml(config) == before
