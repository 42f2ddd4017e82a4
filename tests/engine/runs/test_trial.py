"""Names and values of trials, and their entries on TensorBoard's HParams page."""

import sys
from pathlib import Path

import pytest
from composing import composed
from omegaconf import OmegaConf

from engine.runs.run_folder import RunFolder
from engine.runs.trial import name_of, swept_keys, swept_values
from engine.training.callbacks.hparams import TrialSummary
from engine.training.goal import Goal
from engine.training.state import TrainingState


def hydra(params: dict | None = None, **choices: str):
    return OmegaConf.create({"sweeper": {"params": params}, "runtime": {"choices": choices}})


def test_swept_is_what_has_several_values_on_the_command_line_or_in_the_recipe(monkeypatch: pytest.MonkeyPatch):
    overrides = [
        "-m",
        "seed=1,2",
        "model.filters=[8,8]",
        "+model.warmup=range(3)",
        "hydra.launcher.slots=1,2",
        "task=a=b",
    ]
    monkeypatch.setattr(sys, "argv", ["train.py", *overrides])
    recipe = {"model.learning_rate": "tag(log, interval(1e-3, 1e-1))", "model.batch_size": "8", "seed": "5"}
    assert swept_keys(hydra(recipe)) == ["model.learning_rate", "seed", "model.warmup"]


def test_an_override_of_the_command_line_replaces_that_of_the_recipe(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["train.py", "-m", "model.learning_rate=0.1"])
    assert swept_keys(hydra({"model.learning_rate": "0.1,0.2", "seed": "1,2"})) == ["seed"]


def test_values_keep_their_types(monkeypatch: pytest.MonkeyPatch):
    overrides = ["model.learning_rate=0.1,1", "seed=1,2", "deterministic=true,false", "model.schedule=cosine,constant"]
    monkeypatch.setattr(sys, "argv", ["train.py", "-m", *overrides, "model.filters=[8],[16]", "hardware=cpu,cpu2"])
    config = composed("dataset=synthetic", "seed=2", "deterministic=true", "model.filters=[8,16]", "hardware=cpu2")
    values = swept_values(config, hydra(hardware="cpu2"))
    assert values == {
        "model.learning_rate": 8.0e-3,
        "seed": 2,
        "deterministic": True,
        "model.schedule": "cosine",
        "model.filters": "[8, 16]",
        "hardware": "cpu2",
    }
    assert [type(value) for value in values.values()] == [float, int, bool, str, str, str]


def test_a_group_is_named_by_its_option_whether_or_not_it_has_keys(monkeypatch: pytest.MonkeyPatch):
    overrides = ["experiment=a,b", "hardware=cpu,cpu2", "x.start=null,y", "hydra/sweeper=a,b", "x.text='a,b','c=d'"]
    monkeypatch.setattr(sys, "argv", ["train.py", "-m", *overrides])
    config = OmegaConf.create({"hardware": {"name": "cpu2"}, "x": {"start": None, "text": "c=d"}})
    values = swept_values(config, hydra(experiment="sweep_cleaner", hardware="cpu2"))
    assert values == {"experiment": "sweep_cleaner", "hardware": "cpu2", "x.start": "null", "x.text": "c=d"}
    assert name_of(0, values.items()) == "0-experiment_sweep_cleaner-hardware_cpu2-start_null-text_c_d"


def test_names_are_short_and_hold_nothing_that_a_shell_or_hydra_would_read():
    values = {"model.learning_rate": 0.0012345678, "model.filters": "[8, 16]", "dataset.root": "/a/b c=d,e"}
    name = name_of(3, values.items())
    assert name == "3-learning_rate_0.001235-filters_8_16-root_a_b_c_d_e"
    assert len(name_of(3, {f"key{n}": "x" * 50 for n in range(9)}.items())) <= 96
    assert name_of(0, []) == "0"
    same_end = {"model.seed": 1, "dataset.seed": 2}
    assert name_of(1, same_end.items()) == "1-model.seed_1-dataset.seed_2"


def events(folder: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()


def state_of(folder: Path) -> TrainingState:
    return TrainingState(RunFolder(folder), None, Goal("ink_f1", higher_is_better=True), total_steps=20)


def session(folder: Path, tag: str):
    from tensorboard.plugins.hparams import plugin_data_pb2

    content = events(folder).SummaryMetadata(f"_hparams_/{tag}").plugin_data.content
    return plugin_data_pb2.HParamsPluginData.FromString(content)


def test_the_page_gets_typed_values_the_best_metrics_and_how_it_ended(tmp_path: Path):
    state = state_of(tmp_path)
    state.run.update(examples_per_second=7.0)
    values = {"model.learning_rate": 0.01, "seed": 3, "deterministic": False, "model.schedule": "cosine"}
    trial = TrialSummary(values, "3-a of sweep")
    trial.on_start(state)
    for step, f1 in ((10, 0.5), (20, 0.4)):
        state.step = step
        state.history.append({"step": step, "seconds": 1.5, "ink_f1": f1, "AP50_date": float("nan")})
        trial.on_evaluation(state)
    state.outcome = "pruned"
    trial.on_end(state, None)
    start = session(tmp_path / "best", "session_start_info").session_start_info
    assert start.group_name == "3-a of sweep"
    kinds = {name: value.WhichOneof("kind") for name, value in start.hparams.items()}
    assert kinds == {
        "model.learning_rate": "number_value",
        "log10(model.learning_rate)": "number_value",
        "seed": "number_value",
        "deterministic": "bool_value",
        "model.schedule": "string_value",
        "outcome": "string_value",
    }
    assert start.hparams["outcome"].string_value == "pruned"
    assert start.hparams["log10(model.learning_rate)"].number_value == pytest.approx(-2)
    assert session(tmp_path / "best", "session_end_info").session_end_info.status == 1  # success
    scalars = {tag for tag in events(tmp_path / "best").Tags()["tensors"] if not tag.startswith("_")}
    assert scalars == {"seconds", "ink_f1", "examples_per_second"}
    assert [event.step for event in events(tmp_path / "best").Tensors("ink_f1")] == [10, 20]


def test_a_trial_that_breaks_is_a_failure_and_a_plain_run_is_no_trial(tmp_path: Path):
    broken = TrialSummary({"seed": 1}, "g")
    broken.on_start(state_of(tmp_path))
    broken.on_end(state_of(tmp_path), ValueError("broken"))
    start = session(tmp_path / "best", "session_start_info").session_start_info
    assert start.hparams["outcome"].string_value == "failed"
    assert session(tmp_path / "best", "session_end_info").session_end_info.status == 2  # failure
    plain, state = TrialSummary({}, "g"), state_of(tmp_path / "plain")
    plain.on_start(state)
    state.history.append({"step": 1, "ink_f1": 1.0})
    plain.on_evaluation(state)
    plain.on_end(state, None)
    assert not (tmp_path / "plain").exists()
