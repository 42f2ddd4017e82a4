"""Help from the config files: their first comments and the comment beside each key."""

import contextlib
import io
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from data.commands import command
from data.options import TARGET
from engine.option_files import GROUPS, KEY_LINE, OptionFiles

_TARGET_COMMENT = "class of these keys, with their types and limits"
_COMMENT_COLUMN = 44

_HEAD = """\
Trains, evaluates, exports and uses SignVer's models: the signature cleaner and the signature detector.

  python train.py experiment=quickstart                        a first cleaner in minutes, on synthetic signatures
  python train.py experiment=quickstart_detector               a first detector in minutes, on synthetic pages
  python train.py dataset=cedar                                the cleaner on real signatures
  python train.py task=detector dataset=signverod              the detector on real pages
  python train.py mode=prepare dataset=signverod               fetch a dataset from Kaggle, check it, fill the cache
  python train.py mode=inspect dataset=cedar                   draw samples of a dataset with their labels, and count
  python train.py run_dir=<run>                                resume an interrupted run
  python train.py mode=eval run_dir=<run> dataset=cedar        measure a model on another dataset
  python train.py mode=predict predict.input=<scan or folder> run_dir=<run>
  python train.py mode=extract extract.input=<scan or folder>  find, cut out and clean signatures, without training
  python train.py mode=doctor hardware=hpu8                    check this machine for these cards
  python train.py mode=compare runs=outputs/cleaner            rank runs, show what differs, draw their curves
  python train.py <overrides> --cfg job                        every key of a run, with what it means
"""


def overview(files: OptionFiles) -> str:
    """The text of `--help`: usage, the groups with their options, the top-level keys.

    Args:
      files: of the command.
    """
    lines = [_HEAD.replace("python train.py", command()), "Groups: choose one option each, <group>=<option>"]
    for group in GROUPS:
        for number, (name, about) in enumerate(files.options(group).items()):
            lines.append(f"  {group if number == 0 else '':<11} {name:<25} {about}")
    lines += ["", "Keys: <key>=<value>"]
    for key, (value, comment) in files.keys("config").items():
        if not key.startswith(("hydra", "defaults")) and comment:
            lines.append(f"  {f'{key}={value}':<{_COMMENT_COLUMN}} {comment}")
    lines += ["", "Keys of a group are <group>.<key>, for example trainer.train_steps=2000; --cfg job lists them."]
    lines += [
        "Sweeps: -m seed=1,2,3, with hydra.launcher.dry_run=true, .resume=<sweep>, .retries=1, .timeout_minutes=9"
    ]
    lines += ["        -m hydra/sweeper=study 'model.learning_rate=tag(log, interval(1e-3, 1e-1))' lets Optuna choose"]
    lines += ["Hydra's own options: --hydra-help"]
    return "\n".join(lines)


@contextlib.contextmanager
def commented_config(files: OptionFiles, wanted: bool) -> Iterator[None]:
    """Puts the config files' comments beside what Hydra prints for `--cfg job`.

    Args:
      files: of the command.
      wanted: whether Hydra is going to print it.
    """
    if not wanted:
        yield
        return
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        yield
    sys.stdout.write(annotate(printed.getvalue(), files))


def annotate(printed: str, files: OptionFiles) -> str:
    """Adds comments to a config that Hydra printed.

    Args:
      printed: YAML of a composed config.
      files: of the command.
    """
    values = yaml.safe_load(printed) or {}
    task = _name_in(values.get("task"))
    comments = {key: comment for key, (_, comment) in files.keys("config").items()}
    for place, group, option in _choices(values):
        keys = files.keys(f"{group}/{option}") | files.keys(f"{group}/{option}/{task}")
        for key, (_, comment) in keys.items():
            comments[f"{place}.{key.removeprefix(f'{group}.')}"] = comment
    lines: list[str] = []
    parents: list[tuple[int, str]] = []
    for line in printed.splitlines():
        match = KEY_LINE.match(line)
        if match:
            parents = [(indent, key) for indent, key in parents if indent < len(match["indent"])]
            key = ".".join([*(key for _, key in parents), match["key"]])
            parents.append((len(match["indent"]), match["key"]))
            if comment := comments.get(key, "") or _TARGET_COMMENT * (match["key"] == TARGET):
                line = f"{line:<{_COMMENT_COLUMN}} # {comment}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def _choices(values: Any) -> Iterator[tuple[str, str, str]]:
    """(dotted key, group, option) of each option in a config: those of the groups and those of a mixture's parts."""
    yield "trainer", "trainer", "default"
    for group in ("task", "model", "dataset", "hardware"):
        yield group, group, _name_in(values.get(group))
    for name, part in ((values.get("dataset") or {}).get("parts") or {}).items():
        yield f"dataset.parts.{name}", "dataset", _name_in(part)


def _name_in(option: Any) -> str:
    return str(option.get("name", "")) if isinstance(option, Mapping) else ""
