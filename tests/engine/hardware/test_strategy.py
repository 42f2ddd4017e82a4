"""Opening cards and building their strategies, as far as possible without a card."""

import json
import os
import sys
import types

import pytest
import tensorflow as tf
from composing import accepted
from hydra_plugins.mpi_launcher import _machine
from hydra_plugins.mpi_launcher._devices import Card

from data.errors import UserError
from engine.hardware.strategy import build_strategy


@pytest.fixture
def habana(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """In place of Habana's package; the environment that its loading changes is put back."""
    module = types.ModuleType("habana_frameworks.tensorflow")
    module.load_habana_module = lambda: None
    monkeypatch.setitem(sys.modules, "habana_frameworks", types.ModuleType("habana_frameworks"))
    monkeypatch.setitem(sys.modules, "habana_frameworks.tensorflow", module)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr(_machine, "visible_cards", lambda kind: [Card(0, "/dev/accel/accel0", "GAUDI")])
    return module


def test_what_the_module_says_becomes_one_line(habana: types.ModuleType):
    def load() -> None:
        raise AttributeError("'NoneType' object has no attribute 'split'")

    habana.load_habana_module = load
    with pytest.raises(UserError, match="hpu1: Habana's module does not load: AttributeError: 'NoneType'") as refusal:
        accepted("hardware=hpu1").hardware.open()
    assert "mode=doctor hardware=hpu1" in refusal.value.remedies[0]


def test_the_environment_is_set_before_the_module_is_loaded_and_what_is_set_stays(habana: types.ModuleType):
    seen = {}
    habana.load_habana_module = lambda: seen.update(os.environ)
    os.environ["TF_DISABLE_EAGER_TO_FUNC_REWRITER"] = "0"
    accepted("hardware=hpu8").hardware.open()
    assert seen["TF_HABANA_COLLECTIVE_REDUCE_SYNC"] == "1"
    assert seen["FORCE_HABANA_IMAGENET_LOADER_FALLBACK"] == "1"
    assert seen["TF_DISABLE_EAGER_TO_FUNC_REWRITER"] == "0"


def test_without_cuda_a_gpu_run_says_what_is_missing():
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("TensorFlow has a GPU here")
    with pytest.raises(UserError, match="gpu1: TensorFlow finds no NVIDIA card"):
        accepted("hardware=gpu1").hardware.open()


def test_the_processor_needs_no_opening():
    accepted("hardware=cpu").hardware.open()


@pytest.mark.parametrize(("hardware", "device"), [("cpu", "CPU:0"), ("hpu1", "HPU:0"), ("gpu1", "GPU:0")])
def test_one_card_is_one_device(hardware: str, device: str):
    strategy = build_strategy(accepted(f"hardware={hardware}").hardware)
    assert strategy.extended.worker_devices[0].endswith(device)


def test_ranks_that_would_train_for_themselves_are_stopped(monkeypatch: pytest.MonkeyPatch):
    alone = tf.distribute.OneDeviceStrategy("/device:CPU:0")  # what TensorFlow makes of a TF_CONFIG that is not set
    assert alone.num_replicas_in_sync == 1
    monkeypatch.setattr(tf.distribute, "MultiWorkerMirroredStrategy", lambda: alone)
    monkeypatch.setenv("TF_CONFIG", json.dumps({}))
    with pytest.raises(RuntimeError, match="1 replicas in sync, of 2"):
        build_strategy(accepted("hardware=cpu2").hardware)
