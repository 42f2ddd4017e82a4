"""The strategy of a run, and the processor beside its cards."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from engine.hardware.device import Hardware
from engine.hardware.stderr_lines import STARTING_SERVER, without_lines
from models.host import HOST

if TYPE_CHECKING:
    import tensorflow as tf


def build_strategy(hardware: Hardware) -> "tf.distribute.Strategy":
    """The strategy of the run. Several ranks need TF_CONFIG first, and no computation before.

    Raises:
      RuntimeError: TF_CONFIG was not set, so each rank would train alone.
    """
    import tensorflow as tf

    if hardware.processes == 1:
        return tf.distribute.OneDeviceStrategy(f"/device:{hardware.tensorflow_device}:0")
    with without_lines(*STARTING_SERVER):
        strategy = hardware.strategy_of_ranks()
    if strategy.num_replicas_in_sync != hardware.processes:
        raise RuntimeError(f"{strategy.num_replicas_in_sync} replicas in sync, of {hardware.processes}")
    return strategy


def card_metadata(hardware: Hardware) -> dict[str, str]:
    """Model and driver of the cards, for `run.json`; nothing for the processor."""
    from hydra_plugins.mpi_launcher.launcher import visible_cards

    cards = visible_cards(hardware.device) if hardware.devices else []
    return {"card": cards[0].model, "driver": cards[0].driver} if cards else {}


def on_host() -> AbstractContextManager:
    """Places computation in its context on the processor; eager TensorFlow would place it on a card."""
    import tensorflow as tf

    return tf.device(HOST)
