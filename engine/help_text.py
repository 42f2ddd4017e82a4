"""Help made from the config files themselves: their first lines and the comment beside each key."""

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from data.commands import command

_KEY_LINE = re.compile(r"^(?P<indent> *)(?P<key>[a-z_0-9]+):(?P<value>[^#]*?)(?:\s+#\s*(?P<comment>.*))?$")
_GROUPS = ("task", "model", "dataset", "hardware", "trainer", "experiment")
_COMMENT_COLUMN = 44

_HEAD = """\
Trains, evaluates, exports and uses SignVer's models: the signature cleaner and the signature detector.

  python train.py experiment=quickstart                        a first cleaner in minutes, on made-up signatures
  python train.py experiment=quickstart_detector               a first detector in minutes, on made-up pages
  python train.py dataset=cedar                                the cleaner on real signatures
  python train.py task=detector dataset=signverod              the detector on real pages
  python train.py mode=prepare dataset=signverod               fetch a dataset from Kaggle, check it, fill the cache
  python train.py mode=inspect dataset=cedar                   draw samples of a dataset with their labels, and count
  python train.py run_dir=<run>                                go on with a run that was cut
  python train.py mode=eval run_dir=<run> dataset=cedar        measure a model on another dataset
  python train.py mode=predict predict.input=<scan or folder> run_dir=<run>
  python train.py mode=doctor hardware=hpu8                    what this machine lacks for it
  python train.py mode=compare runs=outputs/cleaner            rank runs, show what differs, draw their curves
  python train.py <words> --cfg job                            every key of a run, with what it means
"""


def overview(conf: Path) -> str:
    """The text of `--help`: usage, the groups with their options, the top-level keys."""
    lines = [_HEAD.replace("python train.py", command()), "Groups: choose one option each, <group>=<option>"]
    for group in _GROUPS:
        for number, file in enumerate(sorted((conf / group).glob("*.yaml"))):
            about = _first_comment(file)
            lines.append(f"  {group if number == 0 else '':<11} {file.stem:<25} {about}")
    lines += ["", "Keys: <key>=<value>"]
    for key, (value, comment) in _keys_of(conf / "config.yaml").items():
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
def commented_config(conf: Path, wanted: bool) -> Iterator[None]:
    """Puts the config files' comments beside what Hydra prints for `--cfg job`.

    Args:
      conf: the folder of config files.
      wanted: whether that is what Hydra is going to print.
    """
    if not wanted:
        yield
        return
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        yield
    sys.stdout.write(annotate(printed.getvalue(), conf))


def annotate(printed: str, conf: Path) -> str:
    """Adds comments to a config that Hydra printed.

    Args:
      printed: YAML of a composed config.
      conf: the folder of config files.
    """
    chosen = dict(re.findall(r"^(task|model|dataset|hardware):\n(?:  .*\n)*?  name: (\S+)$", printed, re.MULTILINE))
    comments = {key: comment for key, (_, comment) in _keys_of(conf / "config.yaml").items()}
    for group, option in {**chosen, "trainer": "default"}.items():
        for key, (_, comment) in _keys_of(conf / group / f"{option}.yaml").items():
            comments[key if key.startswith(f"{group}.") else f"{group}.{key}"] = comment
    lines, parent = [], ""
    for line in printed.splitlines():
        match = _KEY_LINE.match(line)
        if match:
            parent = match["key"] if not match["indent"] else parent
            key = f"{parent}.{match['key']}" if match["indent"] else match["key"]
            if comment := comments.get(key, ""):
                line = f"{line:<{_COMMENT_COLUMN}} # {comment}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def _first_comment(file: Path) -> str:
    lines = (line[1:].strip() for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    return next((line for line in lines if not line.startswith("@package")), "")


def _keys_of(file: Path) -> dict[str, tuple[str, str]]:
    """Dotted key to (value, comment) of a YAML file of this project: two levels, a comment after each value."""
    keys, parent = {}, ""
    if not file.is_file():
        return keys
    for line in file.read_text(encoding="utf-8").splitlines():
        if match := _KEY_LINE.match(line):
            parent = match["key"] if not match["indent"] else parent
            key = f"{parent}.{match['key']}" if match["indent"] else match["key"]
            keys[key] = (match["value"].strip(), match["comment"] or "")
    return keys
