"""Errors of Hydra and OmegaConf as errors for the user. Only this module depends on their wording."""

import difflib
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from hydra.errors import HydraException, OverrideParseException
from hydra_plugins.mpi_launcher.text import shown_path
from omegaconf.errors import OmegaConfBaseException

from data.commands import command, quoted, typed
from data.errors import UserError
from data.options import as_list, describe_limits
from engine.config import MODES
from engine.option_files import CONF, GROUPS, OptionFiles
from engine.overrides import CommandLine, Overrides
from engine.validation import field_of, in_part

CONFIG_ERRORS = (HydraException, OmegaConfBaseException)

_OWN_OPTIONS = "leave it out: train.py finds its conf/; to add options of your own:  --config-dir=<folder>"

OTHER_NAMES = {
    "model.learning_rate": ("lr", "lr0", "base_lr", "init_lr"),
    "model.batch_size": ("batch", "bs", "batchsize", "train_batch_size"),
    "model.input_size": ("imgsz", "img_size", "image_size", "img"),
    "model.init_from": ("weights", "pretrained", "checkpoint", "ckpt", "init_checkpoint"),
    "trainer.train_steps": ("epochs", "num_epochs", "max_epochs", "steps", "max_steps", "iterations"),
    "trainer.early_stopping": ("patience",),
    "dataset.root": ("data", "data_dir", "data_path", "data_root", "dataset_dir"),
    "run_dir": ("output", "output_dir", "out_dir", "save_dir", "log_dir", "logdir", "project"),
    "hardware": ("device", "devices", "gpus", "accelerator", "workers", "num_workers"),
    "extract.input": ("source", "images", "scans"),
    "extract.score": ("conf", "confidence", "threshold"),
}
"""Key -> names that other programs have for the same."""

_NO_SUCH_KEY = r"is not in struct|not in '|No match in the defaults list|not found when composing|Could not delete"
_WRONG_VALUE = (
    r"could not be converted|not a valid|Invalid value|is not optional|incompatible|is not a supported|Cannot convert"
    r"|Cannot merge"
)


def explain(error: Exception, line: CommandLine | None = None) -> UserError:
    """An error of Hydra or OmegaConf as an error for the user.

    Args:
      error: one of `CONFIG_ERRORS`.
      line: the command line, if it is known.
    """
    if isinstance(error, OverrideParseException):
        return _explain_grammar(error)
    text, cause = str(error), str(error.__cause__ or "")
    if type(error).__module__.startswith("hydra_plugins."):  # a plugin's own line for the user
        what, _, why = text.partition(": ")
        return UserError(what, why) if why else UserError("launch", text)
    both = f"{text}\n{cause}"
    given = Overrides.readable(line.texts) if line else Overrides()
    key = _key_at_fault(text, cause) or getattr(error, "full_key", None) or ""
    found = _explain_option(text, both, given) or _explain_interpolation(both, key or "config", given)
    if found := found or _explain_place(text):
        return found
    if key.startswith("hydra") and key not in given:
        return UserError(key, _first_lines(text, cause), ("an option of Hydra that was chosen here sets it",))
    if key and key not in GROUPS and re.search(_NO_SUCH_KEY, both):
        return _unknown_key(key, given, bool(line and line.given and line.given.multirun))
    if key and re.search(_WRONG_VALUE, both, re.IGNORECASE):
        field = field_of(key)
        value = re.search(r"[Vv]alue '([^']*)'", cause + text)
        typed = next(iter(given.only(key)), "").partition("=")[2]
        shown = value[1] if value else typed or "that"
        takes = f" ({describe_limits(field)})" if field else ""
        remedies = as_list(key, typed, field) if field and typed else ()
        return UserError(key, f"{shown} is not a value that it takes{takes}", remedies)
    return UserError("config", _first_lines(text, cause))


def _explain_grammar(error: OverrideParseException) -> UserError:
    """An override that Hydra's grammar does not take, with the way to write it."""
    text = error.override
    key, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"(\+\+?|~)?[\w./@:$-]+", key):
        return UserError(text, "not of the form key=value")
    literally = shlex.quote(f"{key}={quoted(value)}")
    if any(value.count(first) != value.count(last) for first, last in ("()", "[]", "{}")) or _has_odd_quotes(value):
        return UserError(text, "unbalanced quotes or brackets", (f"as a literal:  {literally}",))
    remedies = [literally]
    if value == "~" or value.startswith("~/"):
        remedies.insert(0, f'"{key}=$HOME{value[1:]}"')
    odd = next(iter(re.findall(r"[^\w./:\-+%,\s]|[^\x00-\x7f]", value)), "")
    why = f"Hydra takes {odd} only in quotes" if odd else "Hydra cannot read the value"
    return UserError(text, why, (f"write  {'  or  '.join(remedies)}",))


def _has_odd_quotes(value: str) -> bool:
    return any(value.count(mark) % 2 for mark in "\"'")


def _explain_option(text: str, both: str, given: Overrides) -> UserError | None:
    """A group has no such option."""
    if match := re.search(r"Could not find '([^']+)'", text):
        group, _, option = match[1].rpartition("/")
        options = re.findall(r"^\t(\S+)$", text, re.MULTILINE)
        if not group:
            return UserError(option, _first_lines(text, ""))
        close = difflib.get_close_matches(option, options, n=1, cutoff=0.7)
        remedies = (f"did you mean {group}={close[0]}?",) if close else ()
        return UserError(group, f"{option or 'nothing'} is not an option ({group}={' | '.join(options)})", remedies)
    if match := re.search(r"Could not override '([^']+)'\.\s*(?:No match in the defaults list|Did you mean)", text):
        group = match[1].lstrip("+").split("@")[0]
        if "@dataset.parts." in match[1]:
            return UserError(match[1], "there is no such part yet", (f"to add it:  +{match[1]}=<dataset>",))
        if "@" in match[1]:
            return UserError(match[1], f"{group} has no such place", (f"without it:  {group}=<option>",))
        return None
    if match := re.search(r"Could not append '?([^'\s]+)|Multiple values for (\S+)\. To", text):
        group = (match[1] or match[2]).split("=")[0].lstrip("+")
        option = given.get(group)
        return UserError(f"+{group}", "it takes one option", (f"without +:  {group}={option or '<option>'}",))
    if match := re.search(r"Could not delete\D*?'([^']+)'", text):
        return UserError(f"~{match[1].split('=')[0]}", "there is nothing of that name to remove")
    if match := re.search(r"Error merging override (~\S+)[^~]*does not support deletion", both, re.DOTALL):
        return UserError(match[1], "a key always has a value and cannot be removed")
    if match := re.search(r"In '([^']+)': Could not load '([^']+)'", text):
        return UserError(match[1], f"names a config {match[2]}, which does not exist")
    return None


def _explain_interpolation(text: str, place: str, given: Overrides) -> UserError | None:
    """A `${...}` that leads nowhere, in circles or to an unknown resolver."""
    if match := re.search(r"Interpolation key '([^']+)' not found", text):
        return UserError(place, f"${{{match[1]}}}: there is no key {match[1]}", _literally(place, given))
    if match := re.search(r"Unsupported interpolation type (\S+)", text):
        return UserError(place, f"${{{match[1]}:...}}: there is no such resolver", _literally(place, given))
    if match := re.search(r"Environment variable '([^']+)' not found", text):
        return UserError(place, f"the variable {match[1]} is not set in the environment")
    if re.search(r"Recursive interpolation|recursion|cycle", text, re.IGNORECASE):
        return UserError(place, "its value refers to itself")
    if re.search(r"InterpolationResolutionError|raised while resolving interpolation", text):
        return UserError(place, _first_lines(re.sub(r"^.*?: ", "", text, count=1), ""), _literally(place, given))
    return None


def _explain_place(text: str) -> UserError | None:
    """The primary config or a folder of configs is not there or not readable."""
    if match := re.search(r"Additional config directory '([^']*)' not found", text):
        home = ("for the home folder:  --config-dir=$HOME/...",) if "/~" in match[1] else ()
        return UserError("--config-dir", f"there is no folder {shown_path(match[1])}", home)
    if match := re.search(r"Cannot find primary config '([^']+)'", text):
        folder = re.search(r"provider=main, path=file://(\S.*)", text)
        if folder and Path(folder[1]).resolve() != CONF:
            return UserError("--config-path", f"{shown_path(folder[1])} has no {match[1]}.yaml", (_OWN_OPTIONS,))
        return UserError("--config-name", f"there is no config {match[1]} in conf/")
    if "Primary config directory not found" in text:
        return UserError("--config-path", "there is no such folder", (_OWN_OPTIONS,))
    return None


def _literally(key: str, given: Overrides) -> tuple[str, ...]:
    value = given.get(key)
    return (f"literally:  {typed(key, value)}",) if isinstance(value, str) else ()


def _key_at_fault(text: str, cause: str) -> str:
    for pattern in (r"Could not override '\+?([^'=]+)'", r"Error merging override \+*~?([^=\s]+)=?"):
        if match := re.search(pattern, text):
            return match[1].split("@")[0]
    match = re.search(r"full_key: (\S+)", cause + text)
    return match[1] if match else ""


def _unknown_key(key: str, given: Overrides, multirun: bool) -> UserError:
    whole, key = key, in_part(key)
    keys = OptionFiles().every_key()
    if whole != key:
        close = difflib.get_close_matches(key, keys, n=1, cutoff=0.7)
        place = whole.removesuffix(key.partition(".")[2])
        hint = f" Did you mean {place}{close[0].partition('.')[2]}?" if close and close[0] != key else ""
        return UserError(whole, f"no such key of this part.{hint}")
    if key.startswith("hydra"):
        return UserError(key, "no such key", (f"Hydra's own:  {command('--cfg', 'hydra')}",))
    parent = key.rpartition(".")[0]
    close = difflib.get_close_matches(key, keys, n=1, cutoff=0.8)
    if close and close[0] != key:
        return UserError(key, f"no such key. Did you mean {close[0]}?")
    if key not in keys and (meant := _meant(key, keys)):
        return UserError(key, f"no such key. Did you mean {' or '.join(meant)}?")
    siblings = sorted(k for k in keys if k.rpartition(".")[0] == parent)
    if key in keys:
        return _not_of_this_option(key, given, multirun)
    if siblings:
        names = ", ".join(s.rpartition(".")[2] for s in siblings)
        return UserError(key, f"no such key ({parent or 'top level'} has {names})")
    return UserError(key, f"no such key; {command('--help')} lists them (modes: {', '.join(MODES)})")


def _meant(key: str, keys: Sequence[str]) -> list[str]:
    """Keys that somebody who knows other programs may mean: without its group, or by the name that it has there."""
    parent, _, leaf = key.rpartition(".")
    ends = [each for each in keys if not parent and each.endswith(f".{key}")]
    return ends or [name for name, others in OTHER_NAMES.items() if leaf in others]


def _not_of_this_option(key: str, given: Overrides, multirun: bool) -> UserError:
    """A key that another option of its group has."""
    group = key.split(".")[0]
    chosen_by = [name for name in ("experiment", "task") if name in given.swept]
    if multirun and chosen_by and group not in given:
        return UserError(
            key,
            f"not a key of the {group} that Hydra composes first, before it sets {chosen_by[0]}=...",
            (
                f"name the {group} as well, for example  {group}=synthetic"
                if group == "dataset"
                else f"name {group} as well",
            ),
        )
    return UserError(
        key,
        f"not a key of the {group} chosen here",
        (f"the keys that it has:  {command(*given.without(key), '--cfg', 'job')}",),
    )


def _first_lines(text: str, cause: str) -> str:
    lines = [line.strip() for line in f"{text}\n{cause}".splitlines() if line.strip()]
    return " ".join(lines[:2])
