"""Accelerator cards in TensorFlow: what is set before they are opened, how they are opened, the strategy over them.

Gaudi follows Habana's own RetinaNet: one card is a OneDeviceStrategy on `HPU:0`, several are ranks of an HPUStrategy,
which is TensorFlow's strategy for several workers with Habana's collectives. NVIDIA's cards are the same in
TensorFlow's own words. Whatever the project uses of `habana_frameworks` is used here.
"""

import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from data.commands import command, override
from data.errors import UserError
from engine.stderr_lines import STARTING_SERVER, without_lines
from models.host import HOST

if TYPE_CHECKING:
    import tensorflow as tf

FIRST_GENERATION = "GAUDI"


def open_cards(config: DictConfig) -> None:
    """Makes the cards of `hardware=` known to TensorFlow; to be called before anything touches a device.

    Raises:
      UserError: the driver or the module refuses.
    """
    if config.hardware.device == "hpu":
        _load_habana_module(config.hardware)
    elif config.hardware.device == "gpu":
        _take_one_gpu(config.hardware)


def card_facts(config: DictConfig) -> dict[str, str]:
    """Model and driver of the cards of `hardware=`, for `run.json`; nothing for the processor."""
    from hydra_plugins.mpi_launcher.launcher import visible_cards

    cards = visible_cards(config.hardware.device) if config.hardware.devices else []
    return {"card": cards[0].model, "driver": cards[0].driver} if cards else {}


def build_strategy(config: DictConfig) -> "tf.distribute.Strategy":
    """Where the run runs. With several ranks: TF_CONFIG is to be set before, and nothing computed yet.

    Raises:
      RuntimeError: TF_CONFIG was not, and each rank would train for itself.
    """
    import tensorflow as tf

    hardware = config.hardware
    if hardware.processes == 1:
        return tf.distribute.OneDeviceStrategy(f"/device:{hardware.device.upper()}:0")
    if hardware.device == "hpu":
        from habana_frameworks.tensorflow.distribute import HPUStrategy as Strategy
    else:
        Strategy = tf.distribute.MultiWorkerMirroredStrategy
    with without_lines(*STARTING_SERVER):
        strategy = Strategy()
    if strategy.num_replicas_in_sync != hardware.processes:
        raise RuntimeError(f"{strategy.num_replicas_in_sync} replicas in sync, of {hardware.processes}")
    return strategy


def on_host() -> AbstractContextManager:
    """What is computed or made within is so on the processor: once cards are known, eager TensorFlow prefers them."""
    import tensorflow as tf

    return tf.device(HOST)


def habana_variables(processes: int, model: str) -> dict[str, str]:
    """What Habana's module and strategy read from the environment.

    Args:
      processes: ranks of the run.
      model: of the card, as the driver calls it: `GAUDI`, `GAUDI2`.
    """
    variables = {
        # Habana's RetinaNet on tf-models runs without this rewriter.
        "TF_DISABLE_EAGER_TO_FUNC_REWRITER": "1",
        # HPUStrategy on Gaudi 2 else calls a dataset function without its context: each rank would make all pages.
        "FORCE_HABANA_IMAGENET_LOADER_FALLBACK": "1",
    }
    if processes > 1 and model.split()[:1] == [FIRST_GENERATION]:
        variables["TF_HABANA_COLLECTIVE_REDUCE_SYNC"] = "1"  # its collectives need all ranks to have come
    return variables


def _load_habana_module(hardware: DictConfig) -> None:
    from habana_frameworks.tensorflow import load_habana_module
    from hydra_plugins.mpi_launcher.launcher import visible_cards

    cards = visible_cards("hpu")
    for name, value in habana_variables(hardware.processes, cards[0].model if cards else "").items():
        os.environ.setdefault(name, value)
    try:
        load_habana_module()
    except Exception as error:
        raise UserError(
            "hardware",
            f"{hardware.name}: Habana's module does not load: {type(error).__name__}: {error}",
            (command("mode=doctor", override("hardware", hardware.name)), "hl-smi  shows the state of the cards"),
        ) from error


def _take_one_gpu(hardware: DictConfig) -> None:
    """The launcher shows each rank its own card alone; a run that it did not start leaves all but the first alone."""
    import tensorflow as tf

    cards = tf.config.list_physical_devices("GPU")
    if not cards:
        raise UserError(
            "hardware",
            f"{hardware.name}: TensorFlow finds no NVIDIA card, though the driver shows one: CUDA or cuDNN is missing",
            (f'pip install "tensorflow[and-cuda]=={tf.__version__}"',),
        )
    tf.config.set_visible_devices(cards[:1], "GPU")
