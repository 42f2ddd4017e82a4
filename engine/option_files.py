"""The config files as text: the options of each group and the comment beside each key, for help and errors."""

import itertools
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

try:  # ten times as fast; a built PyYAML may lack it
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader

from data.options import TARGET

CONF = Path(__file__).resolve().parents[1] / "conf"

GROUPS = ("task", "model", "dataset", "hardware", "trainer", "experiment")
"""Config groups of which a user chooses an option each."""

KEY_LINE = re.compile(r"^(?P<indent> *)(?P<key>[a-z_0-9]+):(?P<value>[^#]*?)(?:\s+#\s*(?P<comment>.*))?$")

Keys = dict[str, tuple[str, str]]
"""Dotted key -> (value as written, comment)."""


class OptionFiles:
    """The folders of config files that this command uses, the project's own last, as Hydra searches them."""

    def __init__(self) -> None:
        found = [*_folders_of_hydra(), *_folders_of_command(sys.argv[1:])]
        self._folders = (*dict.fromkeys(folder for folder in found if folder.resolve() != CONF), CONF)

    def options(self, group: str) -> dict[str, str]:
        """Name of each option of a group -> the first comment in its file, which describes it."""
        files = {file.stem: file for folder in reversed(self._folders) for file in (folder / group).glob("*.yaml")}
        return {name: _first_comment(files[name]) for name in sorted(files)}

    def names_of(self, group: str, task: str, wanted: Callable[[str], bool]) -> list[str]:
        """Options of a group whose `_target_` passes a test.

        Args:
          group: of options.
          task: its own options, in a folder below that of the group, count too.
          wanted: the test.
        """
        targets = {
            name: self.target(f"{group}/{name}") or self.target(f"{group}/{name}/{task}")
            for name in self.options(group)
        }
        return [name for name, target in targets.items() if target and wanted(target)]

    def targets(self, group: str) -> list[str]:
        """Each `_target_` of the options of a group, including options of a single task."""
        paths = [f"{group}/{name}" for name in self.options(group)]
        files = [file for folder in self._folders for file in (folder / group).glob("*/*.yaml")]
        paths += [f"{group}/{file.parent.name}/{file.stem}" for file in files]
        return list(dict.fromkeys(filter(None, map(self.target, paths))))

    def keys(self, path: str) -> Keys:
        """Keys of a config file and of those that it inherits from, two levels deep.

        Args:
          path: group and option: `model/unet`.
        """
        file = self._find(path)
        if file is None:
            return {}
        keys: Keys = {}
        for parent, prefix in _parents(file, path).items():
            keys |= {f"{prefix}{key}": value for key, value in self.keys(parent).items()}
        return keys | _own_keys(file)

    def every_key(self) -> list[str]:
        """All keys that some option has, dotted, the groups themselves included."""
        found = {*self.keys("config"), *GROUPS}
        for group in GROUPS[:-1]:  # a recipe has no keys of its own
            for folder in self._folders:
                for file in (folder / group).rglob("*.yaml"):
                    path = file.relative_to(folder).with_suffix("").as_posix()
                    found |= {key if key.startswith(f"{group}.") else f"{group}.{key}" for key in self.keys(path)}
        return sorted(key for key in found if TARGET not in key and "defaults" not in key and key != "hydra")

    def _find(self, path: str) -> Path | None:
        files = (folder / f"{path}.yaml" for folder in self._folders)
        return next((file for file in files if file.is_file()), None)

    def override_in(self, path: str, group: str) -> str:
        """The option of a group that a config file's defaults list overrides; empty if it overrides none.

        Args:
          path: group and option: `experiment/quickstart`.
          group: whose option is wanted.
        """
        file = self._find(path)
        defaults = _load(file).get("defaults") if file else None
        entries = [entry for entry in defaults if isinstance(entry, Mapping)] if isinstance(defaults, list) else []
        return next((str(entry[key]) for entry in entries for key in (f"override /{group}",) if key in entry), "")

    def places_in(self, path: str, parent: str) -> list[str]:
        """Names below a dotted key of the config for which a file, or one that it inherits from, chooses an option.

        Args:
          path: group and option: `dataset/mine`.
          parent: the key: `dataset.parts`.
        """
        file = self._find(path)
        if file is None:
            return []
        entries = _load(file).get("defaults") or []
        keys = [str(key) for entry in entries if isinstance(entry, Mapping) for key in entry]
        places = [f"{path.split('/')[0]}.{key.rpartition('@')[2]}" for key in keys if "@" in key]
        own = [place.removeprefix(f"{parent}.") for place in places if place.startswith(f"{parent}.")]
        return list(
            dict.fromkeys([*own, *(name for each in _parents(file, path) for name in self.places_in(each, parent))])
        )

    def target(self, path: str) -> str:
        """`_target_` of an option, or of the first that it inherits from which has one."""
        file = self._find(path)
        if file is None:
            return ""
        content = _load(file)
        below = content.get(path.split("/")[0], content)
        if isinstance(below, Mapping) and below.get(TARGET):
            return str(below[TARGET])
        return next(filter(None, (self.target(parent) for parent in reversed(_parents(file, path)))), "")


def _folders_of_hydra() -> list[Path]:
    """The folders that Hydra searches, where it has been initialised."""
    from hydra.core.hydra_config import HydraConfig

    if not HydraConfig.initialized():
        return []
    sources = HydraConfig.get().runtime.config_sources
    return [Path(source.path) for source in sources if source.schema == "file"]


def _folders_of_command(arguments: Sequence[str]) -> list[Path]:
    """The folders of config files that a command line adds, by `--config-dir` or `hydra.searchpath`.

    Args:
      arguments: of the command line.
    """
    found = []
    for word, after in itertools.zip_longest(arguments, arguments[1:], fillvalue=""):
        if word in ("--config-dir", "-cd"):
            found.append(after)
        elif word.startswith(("--config-dir=", "-cd=")):
            found.append(word.partition("=")[2])
        elif word.lstrip("+").startswith("hydra.searchpath="):
            found += re.findall(r"file://([^,\]\s'\"]+)", word)
    return [Path(folder) for folder in found]


def _load(file: Path) -> Mapping[str, Any]:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return content if isinstance(content, Mapping) else {}


def _parents(file: Path, path: str) -> dict[str, str]:
    """The files that a file's defaults list names without a value, in order -> what stands before their keys.

    `/shared/varied_pages@dataset` has keys below `dataset.`; without a package, or in `_here_`, nothing is before them.
    """
    group = path.rpartition("/")[0]
    defaults = _load(file).get("defaults") or []
    entries = [str(entry).partition("@") for entry in defaults if isinstance(entry, str) and entry != "_self_"]
    return {
        name.lstrip("/") if name.startswith("/") else f"{group}/{name}": (
            f"{package}." if package and not package.startswith("_") else ""
        )
        for name, _, package in entries
    }


def _first_comment(file: Path) -> str:
    lines = (line[1:].strip() for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    return next((line for line in lines if not line.startswith("@package")), "")


def _own_keys(file: Path) -> Keys:
    keys: Keys = {}
    parent = ""
    for line in _lines(file):
        if match := KEY_LINE.match(line):
            parent = match["key"] if not match["indent"] else parent
            key = f"{parent}.{match['key']}" if match["indent"] else match["key"]
            keys[key] = (match["value"].strip(), match["comment"] or "")
    return keys


def _lines(file: Path) -> Iterator[str]:
    yield from file.read_text(encoding="utf-8").splitlines()
