"""Keys that name a file or folder: the list, the checks, and the expansion of `~`."""

import os
from argparse import Namespace
from typing import Any

from omegaconf import DictConfig, OmegaConf

from data.commands import override, quoted
from data.errors import UserError
from engine.overrides import CommandLine, Overrides
from engine.validation import in_part

NEEDED = (
    "run_dir",
    "export_dir",
    "predict.output",
    "inspect.output",
    "extract.detector",
    "extract.cleaner",
    "dataset.root",
    "dataset.cache_dir",
    "hydra.sweep.dir",
    "hydra.sweep.subdir",
    "hydra.launcher.resume",
)
"""Must not be empty: an empty value is most often an unset shell variable."""

OPTIONAL = (
    "predict.input",
    "extract.input",
    "extract.output",
    "pack.output",
    "runs",
    "model.init_from",
    "model.init_checkpoint",
)
"""May be empty, for none."""


def is_path(key: str) -> bool:
    """Whether a dotted key names a file or folder; that of a part of a mixture does what its dataset's own does."""
    return in_part(key) in (*NEEDED, *OPTIONAL)


def _is_needed(key: str) -> bool:
    return in_part(key) in NEEDED


def check_given(overrides: Overrides) -> None:
    """Refuses empty paths on a command line.

    Raises:
      UserError: one is empty, or blank.
    """
    for key in filter(is_path, overrides.keys):
        for value in overrides.values(key):
            blank = isinstance(value, str) and not value.strip()
            if blank and (_is_needed(key) or value):
                raise _empty(key)


def check_options(given: Namespace) -> None:
    """Refuses empty folders of configs, which Hydra takes for none.

    Raises:
      UserError: one is empty, or blank.
    """
    for key in ("config_dir", "config_path", "config_name"):
        value = getattr(given, key)
        if value is not None and not value.strip():
            raise _empty(f"--{key.replace('_', '-')}")


def as_paths(line: CommandLine) -> CommandLine:
    """Quotes paths that Hydra would read as numbers, such as a folder `1e3`, and replaces `~` in those in quotes.

    Raises:
      UserError: `~name` names no user.
    """
    texts = []
    for text, (key, value) in zip(line.texts, _pairs(line), strict=True):
        before, _, after = text.partition("=")
        if is_path(key) and isinstance(value, bool | int | float):
            text = f"{before}={quoted(after.strip())}"
        elif is_path(key) and isinstance(value, str) and value.startswith("~"):
            text = override(before, expanded(key, value)) if "${" not in value else text
        texts.append(text)
    return line.with_overrides(texts)


def _pairs(line: CommandLine) -> list[tuple[str, Any]]:
    singles = (Overrides([text]) for text in line.texts)
    return [(single.keys[0], single.get(single.keys[0])) for single in singles]


def resolve_paths(config: DictConfig) -> None:
    """Replaces `~` at the beginning of the paths of a composed config by the home folder, and refuses blank ones.

    Raises:
      UserError: a path is blank, or `~name` names no user.
    """
    parts = OmegaConf.select(config, "dataset.parts") or {}
    of_parts = [f"dataset.parts.{name}.{key}" for name in parts for key in ("root", "cache_dir")]
    for key in (*NEEDED, *OPTIONAL, *of_parts):
        value = OmegaConf.select(config, key) if not key.startswith("hydra.") else None
        if not isinstance(value, str):
            continue
        if not value.strip() and (_is_needed(key) or value):
            raise _empty(key)
        if "\0" in value:
            raise UserError(key, "a path cannot hold a null character")
        if value.startswith("~"):
            OmegaConf.update(config, key, expanded(key, value))


def expanded(key: str, path: str) -> str:
    """A path with `~` replaced by the home folder.

    Raises:
      UserError: there is no such home.
    """
    whole = os.path.expanduser(path)
    if whole.startswith("~") and path[1:2] not in ("", "/") and not os.path.lexists(path.split("/")[0]):
        raise UserError(key, f"{path.split('/')[0]} is nobody's home folder", (f"a folder of that name:  ./{path}",))
    return whole


def _empty(key: str) -> UserError:
    return UserError(key, "is empty", ("is a variable of the shell not set? Leave the option out for its default",))
