"""The settings of an old run, from its `.hydra/config.yaml`, as a config that Hydra composes with.

They become one more config of the defaults list, `old_run`, after every recipe and before the overrides of the command
line. A run folder is untrusted: only keys of today's schemas are taken, and no interpolation that calls a
resolver.
"""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from data.errors import UserError
from data.options import former_values, is_by_name, Options, TARGET
from engine.config import FIXED_GROUPS, OPEN_GROUPS, Root
from engine.option_files import OptionFiles
from engine.overrides import Overrides
from engine.runs.run_folder import read_metadata
from engine.validation import class_of

NODE = "old_run"
"""Name in the ConfigStore and in the defaults list of conf/config.yaml."""

CHOSEN_BY_NAME = ("task", "model", "dataset")
"""Groups whose option decides which keys exist."""

_SINGLE = ("seed", "deterministic", "export_dir")
_NAMES_OF_CODE = ("hardware.device",)
"""Keys that may name code to import: the config file decides them, never a run."""

_NODE_INTERPOLATION = re.compile(r"\$\{\.*(?!hydra\b)[A-Za-z_]\w*(\.\w+)*\}")


@dataclasses.dataclass(frozen=True)
class OldRun:
    """An existing run.

    Attributes:
      path: its folder.
      config: its recorded config, with interpolations as text.
      record: its `run.json`.
      overrides: those of its start, for the record; the config is decisive.
    """

    path: Path
    config: dict[str, Any]
    record: dict[str, Any]
    overrides: Overrides

    def name_of(self, group: str) -> str:
        """The option of a group, from the group's key `name`; empty if there is none."""
        values = self.config.get(group)
        return str(values.get("name", "")) if isinstance(values, dict) else ""

    def chose(self, group: str, option: Any) -> bool:
        """Whether the run was started with this option of a group."""
        return option in (self.name_of(group), self.overrides.get(group))


def read_run(path: Path) -> OldRun | None:
    """Reads a run folder; None if it is not one.

    Raises:
      UserError: its config cannot be read.
    """
    file = path / ".hydra" / "config.yaml"
    try:
        if not file.is_file():
            return None
        loaded = OmegaConf.load(file)
        config: Any = OmegaConf.to_container(loaded, resolve=False) if OmegaConf.is_dict(loaded) else {}
    except (OSError, YAMLError, OmegaConfBaseException, ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise UserError(str(file), f"cannot be read ({reason})", ("leave run_dir out to start a new run",)) from None
    record = read_metadata(path)
    run = OldRun(path, config, record, harmless(record.get("overrides")))
    return run if run.name_of("task") else None


def harmless(recorded: Any) -> Overrides:
    """Recorded overrides that choose settings: no key of Hydra, no `_target_`, no option, no resolver."""
    texts = recorded if isinstance(recorded, list) else []
    chosen = Overrides.readable(text for text in texts if "_target_" not in str(text) and _is_plain(text))
    return chosen.outside("hydra")


def register(node: dict[str, Any] | None = None) -> None:
    """Registers the config `old_run` with Hydra; without settings it changes nothing."""
    ConfigStore.instance().store(group=NODE, name="settings", node=node or {}, package="_global_")


def settings_of(run: OldRun, given: Overrides) -> tuple[dict[str, Any], list[str]]:
    """The settings of a run for every group that the command line does not choose.

    Args:
      run: the run.
      given: overrides of the command line.

    Returns:
      (a config for `register`, keys of the run that are left out because they are unknown today or call a resolver).

    Raises:
      UserError: the run uses an option that no longer exists, or one of its values has a wrong type.
    """
    anew = {group for group in (*CHOSEN_BY_NAME, "hardware", "trainer") if group in given}
    if "task" in anew and not run.chose("task", given.get("task")):
        anew |= {"dataset", "model"}
    defaults: list[Any] = []
    overridden: list[Any] = []
    settings: dict[str, Any] = {}
    dropped: list[str] = []
    files = OptionFiles()
    for group, schema in _schemas(run, anew, files):
        values = run.config.get(group)
        settings[group], left_out = _known(run, group, values if isinstance(values, dict) else {}, schema)
        dropped += left_out
        name = run.name_of(group)
        if group in OPEN_GROUPS and name in files.options(group):
            overridden.append({f"override /{group}": name})
        for field in filter(is_by_name, dataclasses.fields(schema)):
            place = f"{group}.{field.name}"
            settings[group][field.name], left_out = _known_by_name(run, place, group, files)
            dropped += left_out
            added, changed = _choices_by_name(run, place, group, files)
            defaults += added
            overridden += changed
    defaults += overridden  # Hydra wants them last
    settings |= _top_level(run, dropped)
    known = {field.name for field in dataclasses.fields(Root)} | {*OPEN_GROUPS, *FIXED_GROUPS}
    dropped += [str(key) for key in run.config if key not in known]
    return {"defaults": [*defaults, "_self_"], **settings}, dropped


def _schemas(run: OldRun, anew: set[str], files: OptionFiles) -> Iterator[tuple[str, type[Options]]]:
    """Each group that the run decides, with the class of its option, which config files name, never the run."""
    yield from ((group, schema) for group, schema in FIXED_GROUPS.items() if group not in anew)
    for group in OPEN_GROUPS:
        if group in anew:
            continue
        path = f"{group}/{run.name_of(group)}"
        target = files.target(path) or files.target(f"{path}/{run.name_of('task')}")
        if target:
            yield group, class_of({TARGET: target}, group)
        elif group in CHOSEN_BY_NAME:
            options = f"{group}={' | '.join(files.options(group))}"
            why = f"{run.path} uses {group}={run.name_of(group) or 'null'}, which does not exist"
            raise UserError(group, why, (options, "an option of your own:  --config-dir <folder of its conf>"))


def _by_name(run: OldRun, place: str, group: str, files: OptionFiles) -> dict[str, tuple[str, dict[str, Any]]]:
    """Options that a run holds by names of its own: name -> (path of the option's file below conf/, values).

    Args:
      run: the run.
      place: the dotted key that holds them: dataset.parts.
      group: of the options.
      files: of the command.

    Raises:
      UserError: one of them no longer exists.
    """
    found = {}
    for name, values in (_select(run.config, place) or {}).items():
        option = str(values.get("name", "")) if isinstance(values, dict) else ""
        paths = (f"{group}/{option}", f"{group}/{option}/{run.name_of('task')}")
        path = next((path for path in reversed(paths) if option and files.target(path)), "")
        if not path:
            raise UserError(f"{place}.{name}", f"{run.path} uses {option or 'null'}, which does not exist")
        found[str(name)] = (path, values)
    return found


def _known_by_name(run: OldRun, place: str, group: str, files: OptionFiles) -> tuple[dict[str, Any], list[str]]:
    """As `_known`, of options by names of the run's own."""
    settings, dropped = {}, []
    for name, (path, values) in _by_name(run, place, group, files).items():
        key = f"{place}.{name}"
        settings[name], left_out = _known(run, key, values, class_of({TARGET: files.target(path)}, key))
        dropped += left_out
    return settings, dropped


def _choices_by_name(run: OldRun, place: str, group: str, files: OptionFiles) -> tuple[list[Any], list[Any]]:
    """The same options as entries of a defaults list: those to add, and those that override what the file has."""
    there = files.places_in(f"{group}/{run.name_of(group)}", place)
    wanted = {name: path.removeprefix(f"{group}/") for name, (path, _) in _by_name(run, place, group, files).items()}
    added = [{f"/{group}@{place}.{name}": option} for name, option in wanted.items() if name not in there]
    changed = [{f"override /{group}@{place}.{name}": wanted.get(name)} for name in there]
    return added, changed


def _select(values: Any, key: str) -> dict[str, Any]:
    """The mapping at a dotted key; empty if there is none."""
    for name in key.split("."):
        values = values.get(name) if isinstance(values, dict) else None
    return values if isinstance(values, dict) else {}


def _known(run: OldRun, group: str, values: dict[str, Any], schema: type[Options]) -> tuple[dict[str, Any], list[str]]:
    """Values of today's keys, and the keys left out."""
    fields = dataclasses.fields(schema)
    names = [field.name for field in fields if not is_by_name(field)]
    resolved = _select(run.record, f"settings.{group}")
    former = former_values(schema)
    of_schema = (*(field.name for field in fields), TARGET)
    kept, dropped = {}, [f"{group}.{key}" for key in values if key not in of_schema]
    for name in names:
        if name not in values and name in former:
            kept[name] = former[name]
        if name not in values or values[name] == "???" or f"{group}.{name}" in _NAMES_OF_CODE:
            continue
        value = values[name] if _is_plain(values[name]) else resolved.get(name)
        if value is None or not _is_plain(value) or _lies_in_run(run, f"{group}.{name}", value):
            dropped += [f"{group}.{name}"] if value is None or not _is_plain(value) else []
            continue
        kept[name] = value
    _check_types(run, group, kept, schema)
    return kept, dropped


def _check_types(run: OldRun, group: str, values: dict[str, Any], schema: type) -> None:
    for name, value in values.items():
        try:
            OmegaConf.merge(OmegaConf.structured(schema), {name: value})
        except OmegaConfBaseException as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"{run.path / '.hydra' / 'config.yaml'}", f"{group}.{name}: {reason}") from None


def _top_level(run: OldRun, dropped: list[str]) -> dict[str, Any]:
    values = {key: run.config[key] for key in _SINGLE if key in run.config and run.config[key] is not None}
    for key, value in list(values.items()):
        if not _is_plain(value):
            dropped.append(key)
        if not _is_plain(value) or _lies_in_run(run, key, value):
            del values[key]
    _check_types(run, "config", values, Root)
    return values


def _lies_in_run(run: OldRun, key: str, value: Any) -> bool:
    """Whether a path is the default in the folder of the run at training time; the folder may have moved since."""
    usual = {"export_dir": "export", "predict.output": "predictions"}.get(key)
    return bool(usual) and value == f"{run.config.get('run_dir')}/{usual}"


def _is_plain(value: Any) -> bool:
    """Whether a value has no interpolation, or only references to other keys; all others call resolvers."""
    if isinstance(value, str):
        return "${" not in _NODE_INTERPOLATION.sub("", value)
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(_is_plain(each) for pair in value.items() for each in pair)
    return True
