"""The pretrained models, as exports: made once from their packed weights, then taken from the cache."""

from pathlib import Path
from typing import Any

from data.cache import content_key, load_or_build
from data.errors import UserError
from data.options import accept, former_values, TARGET
from engine.hardware.strategy import on_host
from engine.option_files import OptionFiles
from engine.tasks import task_class
from engine.validation import class_of
from models.pretrained.card import Card, card_of
from models.task import Serving


def pretrained_export(task: str, cache_dir: Path) -> Path:
    """The folder of the SavedModel of the pretrained model. TensorFlow is configured already.

    Args:
      task: whose model.
      cache_dir: the folder for derived arrays.

    Raises:
      UserError: the task has none, or its weights are damaged.
    """
    import tensorflow as tf

    from models.pretrained.weights import pretrained_checkpoint

    card = card_of(task)
    settings = {"kind": "pretrained export", "format": 1, "sha256": card.weights["sha256"]}
    key = content_key({**settings, "model": card.model, "tensorflow": tf.__version__})
    checkpoint = pretrained_checkpoint(task, cache_dir)
    return load_or_build(cache_dir, key, lambda folder: write_export(card, checkpoint, folder / "export")) / "export"


def write_export(card: Card, checkpoint: str, folder: Path) -> None:
    """Writes weights as a SavedModel.

    Args:
      card: says which network they are of.
      checkpoint: the unpacked weights.
      folder: of the SavedModel.
    """
    with on_host():
        serving_of(card).export(checkpoint, folder)


def serving_of(card: Card) -> Serving[Any]:
    """How the model of a card is exported and used.

    Raises:
      UserError: there is no such task or network, or its config is not one of today.
    """
    option = f"model/{card.model.get('name')}"
    kind = task_class(card.task)
    if kind is None:
        raise UserError("task", f"there is no task {card.task}")
    network = class_of({TARGET: OptionFiles().target(option)}, "model")
    model: Any = accept(network, former_values(network) | card.model, "model")
    task = kind(name=card.task, metric=next(iter(kind.metrics)), better="higher")
    return task.serving(model)


def describe_pretrained(task: str, own: str = "run_dir=<run>") -> str:
    """A line that says which model is used where none was named.

    Args:
      task: whose model.
      own: the override that names another one.
    """
    card = card_of(task)
    source = card.training.get("experiment") or f"dataset={card.data.get('name')}"
    return f"the pretrained {task} (trained by {source}, see models/pretrained/{task}/card.md); yours:  {own}"
