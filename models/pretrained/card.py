"""Model cards: the record beside packed weights, `card.json`, and the same for people, `card.md`."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.own_files import MARK, read_json, write_whole

PRETRAINED = "pretrained"
"""Stands for the pretrained models, where a folder of a run or an export can be named."""

FOLDER = Path(__file__).resolve().parent

WEIGHTS, CARD, TEXT = "weights.npz", "card.json", "card.md"


@dataclasses.dataclass(frozen=True)
class Card:
    """What is known of packed weights.

    Attributes:
      task: `cleaner` or `detector`.
      model: the config of the network, key -> value; `name` is the option of the group `model`.
      weights: `sha256` and `bytes` of the file, number of `parameters`, their `dtype`.
      training: `experiment`, `repeat` (the command), `status`, `commit`, `dirty`, `started`, `seconds`, `step` of the
        weights, `steps` of the whole training, `seed`, `hardware`, `versions`.
      data: name, fingerprint and counts of the dataset that the run was trained on.
      metrics: what was measured on, in words -> metric -> value; the first is of the packed weights.
      bad_at: what the model does badly, a sentence each.
    """

    task: str
    model: dict[str, Any]
    weights: dict[str, Any]
    training: dict[str, Any]
    data: dict[str, Any]
    metrics: dict[str, dict[str, float]]
    bad_at: list[str]


def read_card(folder: Path) -> Card:
    """Reads the card of a folder with packed weights.

    Raises:
      UserError: there is none, or it is not one of this project.
    """
    content = read_json(folder / CARD)
    names = {field.name for field in dataclasses.fields(Card)}
    if not isinstance(content, dict) or content.pop("written_by", None) != MARK or content.keys() != names:
        raise UserError(PRETRAINED, f"no model card in {folder}", ("a clone of the project has one for each task",))
    return Card(**content)


def card_of(task: str) -> Card:
    """The card of a task's pretrained model.

    Raises:
      UserError: there is none.
    """
    return read_card(FOLDER / task)


def write_card(card: Card, folder: Path) -> None:
    """Writes `card.json` and `card.md`, each whole or not at all."""
    content = {"written_by": MARK, **dataclasses.asdict(card)}
    write_whole(folder / CARD, json.dumps(content, indent=1) + "\n")
    write_whole(folder / TEXT, describe(card))


def check_replaceable(folder: Path) -> None:
    """Makes sure that packed weights can be written into a folder.

    Raises:
      UserError: it has files of these names that are not of this project.
    """
    taken = [name for name in (WEIGHTS, CARD, TEXT) if (folder / name).exists() or (folder / name).is_symlink()]
    content = read_json(folder / CARD)
    own = isinstance(content, dict) and content.get("written_by") == MARK
    if taken and not own:
        raise UserError("pack.output", f"{folder / taken[0]} is there, and mode=pack did not write it")


def sha256_of(file: Path) -> str:
    """Hash of a file, 64 hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def describe(card: Card) -> str:
    """The text of `card.md`."""
    training, data, fingerprint = card.training, card.data, card.data.get("fingerprint", {})
    versions = ", ".join(f"{name} {version}" for name, version in training["versions"].items())
    commit = f"{training['commit']}{', with changes' if training['dirty'] else ''}"
    rows = [
        ("Network", f"`model={card.model['name']}`, {card.weights['parameters']:,} weights in {card.weights['dtype']}"),
        ("File", f"`{WEIGHTS}`, {card.weights['bytes']:,} bytes, sha256 `{card.weights['sha256']}`"),
        ("Trained by", f"`{training['repeat']}`"),
        ("Commit", f"`{commit}`"),
        ("Time", f"{training['seconds']:,.0f} seconds on {training['hardware']}, {training['status']}"),
        ("Weights of", f"step {training['step']:,} of {training['steps']:,}"),
        ("Versions", versions),
        ("Data", f"`dataset={data['name']}`, fingerprint `{fingerprint.get('content', '')}`; {_counts(data)}"),
    ]
    lines = [f"# The pretrained {card.task}", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {text} |" for name, text in rows]
    lines += ["", "## How good it is", "", *_table(card.metrics), "", "## What it is bad at", ""]
    lines += [f"- {sentence}" for sentence in card.bad_at]
    lines += ["", "`mode=pack` wrote this file from `card.json`."]
    return "\n".join(lines) + "\n"


def _counts(data: Mapping[str, Any]) -> str:
    numbers = (f"{name.replace('_', ' ')} {value:,}" for name, value in data.items() if isinstance(value, int))
    return ", ".join(numbers)


def _table(metrics: Mapping[str, Mapping[str, float]]) -> Sequence[str]:
    names = list(dict.fromkeys(name for values in metrics.values() for name in values))
    lines = [f"| Metric | {' | '.join(metrics)} |", f"|---{'|---' * len(metrics)}|"]
    for name in names:
        cells = (f"{values[name]:.3f}" if name in values else "" for values in metrics.values())
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines
