"""The initial weights of a detector, and the remedies for missing ones."""

import dataclasses
import json
import socket
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from composing import accepted
from omegaconf import DictConfig
from small_runs import SMALL_DETECTOR

from data.errors import UserError
from models.detector.initial_weights import find_initial_weights, read_initial_weights
from models.initial_weights import check_network


def small(*overrides: str) -> DictConfig:
    return accepted(*SMALL_DETECTOR, "model.filters=[4,8,8,8,8]", "model.pyramid_filters=8", *overrides).model


def network(seed: int, *overrides: str) -> tf.keras.Model:
    tf.keras.utils.set_random_seed(seed)
    return small(*overrides).build()


def flat(part: tf.keras.Model) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in part.get_weights()])


@pytest.fixture(scope="module")
def trained() -> tf.keras.Model:
    return network(1)


@pytest.fixture(scope="module")
def run(trained: tf.keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder as training leaves it."""
    folder = tmp_path_factory.mktemp("run")
    tf.train.Checkpoint(model=trained).write(str(folder / "checkpoints" / "best" / "step-40"))
    return folder


def start(new: tf.keras.Model, model: DictConfig, cache: Path) -> None:
    prefix, key = find_initial_weights(model, cache)
    read_initial_weights(new, prefix, key, model.init_parts)


def test_without_the_option_nothing_is_read(tmp_path: Path):
    assert find_initial_weights(small(), tmp_path) == ("", "")
    assert (
        find_initial_weights(accepted("task=detector", "model=retinanet", 'model.init_checkpoint=""').model, tmp_path)[
            0
        ]
        == ""
    )


def test_all_weights_of_a_runs_best_checkpoint(run: Path, trained: tf.keras.Model, tmp_path: Path):
    new = network(2)
    assert not np.array_equal(flat(new), flat(trained))
    start(new, small(f"model.init_from={run}"), tmp_path)
    np.testing.assert_array_equal(flat(new), flat(trained))


def test_a_run_without_a_refiner_starts_one_that_has_it(tmp_path: Path):
    """Earlier versions had none."""
    earlier, new = network(1, "model.refiner_filters=[]"), network(2)
    tf.train.Checkpoint(model=earlier).write(str(tmp_path / "checkpoints" / "best" / "step-40"))
    refiner = flat(new.refiner)
    start(new, small(f"model.init_from={tmp_path}"), tmp_path)
    for part in ("backbone", "decoder", "head"):
        np.testing.assert_array_equal(flat(getattr(new, part)), flat(getattr(earlier, part)))
    np.testing.assert_array_equal(flat(new.refiner), refiner)


def test_a_network_without_a_refiner_starts_from_a_run_with_one(run: Path, trained: tf.keras.Model, tmp_path: Path):
    new = network(2, "model.refiner_filters=[]")
    start(new, small(f"model.init_from={run}", "model.refiner_filters=[]"), tmp_path)
    for part in ("backbone", "decoder", "head"):
        np.testing.assert_array_equal(flat(getattr(new, part)), flat(getattr(trained, part)))


@pytest.mark.parametrize(("recorded", "wanted"), [("[]", "[8,16]"), ("[8,16]", "[]"), ("[8,16]", "[8,16]")])
def test_either_network_may_lack_a_refiner(tmp_path: Path, recorded: str, wanted: str):
    record(tmp_path, f"model.refiner_filters={recorded}")
    check_network(small(f"model.refiner_filters={wanted}"), str(tmp_path), "detector")


def test_two_refiners_of_other_sizes_are_other_networks(tmp_path: Path):
    record(tmp_path, "model.refiner_filters=[8,16]")
    with pytest.raises(UserError, match=r"refiner_filters=\[8, 16\]"):
        check_network(small("model.refiner_filters=[8,24]"), str(tmp_path), "detector")


def record(folder: Path, *overrides: str) -> None:
    """The record that a run leaves of its network."""
    settings = {"model": dataclasses.asdict(small(*overrides))}
    (folder / "run.json").write_text(json.dumps({"settings": settings}), encoding="utf-8")


def test_the_backbone_alone(run: Path, trained: tf.keras.Model, tmp_path: Path):
    new = network(2)
    head, pyramid = flat(new.head), flat(new.decoder)
    start(new, small(f"model.init_from={run}", "model.init_parts=backbone"), tmp_path)
    np.testing.assert_array_equal(flat(new.backbone), flat(trained.backbone))
    np.testing.assert_array_equal(flat(new.head), head)
    np.testing.assert_array_equal(flat(new.decoder), pyramid)


def test_the_backbone_goes_into_a_detector_with_another_head(run: Path, trained: tf.keras.Model, tmp_path: Path):
    overrides = ("model.pyramid_filters=12", "model.num_scales=1")
    new = network(2, *overrides)
    start(new, small(*overrides, f"model.init_from={run}", "model.init_parts=backbone"), tmp_path)
    np.testing.assert_array_equal(flat(new.backbone), flat(trained.backbone))


def test_a_backbones_checkpoint(trained: tf.keras.Model, tmp_path: Path):
    tf.train.Checkpoint(backbone=trained.backbone).save(str(tmp_path / "net" / "ckpt"))
    new = network(2)
    before, head = new.get_weights(), flat(new.head)
    for path in ("net/ckpt-1", "net/ckpt-1.index", "net"):
        model = accepted("task=detector", "model=retinanet", f"model.init_checkpoint={tmp_path / path}").model
        new.set_weights(before)
        start(new, model, tmp_path)
        np.testing.assert_array_equal(flat(new.backbone), flat(trained.backbone))
        np.testing.assert_array_equal(flat(new.head), head)


@pytest.mark.fault("weights of another network (model.init_from)", "one line that names the checkpoint")
@pytest.mark.parametrize(
    ("overrides", "parts"),
    [
        (("model.filters=[4,8,8,8,16]",), "all"),
        (("model.filters=[4,8,8,8,16]",), "backbone"),
        (("model.pyramid_filters=12",), "all"),
        (("model.blocks=2",), "all"),
        (("model.max_level=5", "model.filters=[4,8,8,12]"), "backbone"),
    ],
)
def test_the_weights_of_another_network_are_refused_in_one_line(
    run: Path, overrides: tuple[str, ...], parts: str, tmp_path: Path
):
    with pytest.raises(UserError, match=r"step-40 is of another network, or damaged \(.+\)$") as refusal:
        start(
            network(2, *overrides), small(*overrides, f"model.init_from={run}", f"model.init_parts={parts}"), tmp_path
        )
    assert refusal.value.what == "model.init_from"
    assert "\n" not in str(refusal.value)


@pytest.mark.fault("a damaged checkpoint to start from", "one line that names it")
def test_a_damaged_checkpoint_is_refused_in_one_line(run: Path, tmp_path: Path):
    best = tmp_path / "checkpoints" / "best"
    best.mkdir(parents=True)
    for file in (run / "checkpoints" / "best").iterdir():
        (best / file.name).write_bytes(file.read_bytes()[: 1000 if ".data" in file.name else None])
    with pytest.raises(UserError, match="or damaged") as refusal:
        start(network(2), small(f"model.init_from={tmp_path}"), tmp_path)
    assert "\n" not in str(refusal.value)


def test_a_run_that_is_not_there_or_has_no_best_checkpoint_is_named(tmp_path: Path):
    (tmp_path / "empty" / "checkpoints" / "best").mkdir(parents=True)
    for name in ("gone", "empty"):
        with pytest.raises(UserError, match=f"model.init_from: no run with a best checkpoint in {tmp_path / name}"):
            find_initial_weights(small(f"model.init_from={tmp_path / name}"), tmp_path)


@pytest.mark.parametrize("name", ["gone/ckpt-1", "empty"])
def test_a_checkpoint_that_is_not_there_is_named(tmp_path: Path, name: str):
    (tmp_path / "empty").mkdir()
    model = accepted("task=detector", "model=retinanet", f"model.init_checkpoint={tmp_path / name}").model
    with pytest.raises(UserError, match=f"model.init_checkpoint: no checkpoint in {tmp_path / name}") as refusal:
        find_initial_weights(model, tmp_path)
    assert any('model.init_checkpoint=""' in remedy for remedy in refusal.value.remedies)


def test_an_address_that_cannot_be_reached_is_named_with_the_way_without(tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/resnet/ckpt-7"
    model = accepted("task=detector", "model=retinanet", f"model.init_checkpoint='{address}'").model
    with pytest.raises(UserError) as refusal:
        find_initial_weights(model, tmp_path)
    assert refusal.value.what == "model.init_checkpoint"
    assert address in refusal.value.why
    assert "refused" in refusal.value.why
    assert any('model.init_checkpoint=""' in remedy for remedy in refusal.value.remedies)
    assert any("model.init_checkpoint=<path" in remedy for remedy in refusal.value.remedies)
