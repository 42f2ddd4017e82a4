"""Old runs on the command line: `run_dir=<old run>`, and the same command again where a run was cut."""

import sys
from pathlib import Path

import yaml

from data.errors import UserError
from engine.runs.run_folder import is_held, read_facts

OUTPUTS = Path("outputs")

CUT = ("running", "interrupted", "failed")
"""States of a run whose process is gone but that has not ended."""


def with_settings_of_run(words: list[str]) -> list[str]:
    """Completes the words of a command line with those of the run that it speaks of.

    With `run_dir=<old run>`, the old run's own words come first and the new ones replace them, so that
    `run_dir=<run>` alone goes on with it and `mode=predict run_dir=<run>` uses its model. Without `run_dir`, a training
    command whose last run was cut is pointed at that run.

    Args:
      words: of the command line, without the program.

    Returns:
      Words for Hydra.

    Raises:
      UserError: mode=eval|export|predict names no run or one that is not there.
    """
    given = {_key(word): word.partition("=")[2] for word in words if "=" in word and not word.startswith("-")}
    if any(word in ("-m", "--multirun", "--cfg", "-c", "--info", "--shell-completion") for word in words):
        return words
    mode = given.get("mode", "train")
    if "run_dir" in given:
        run = Path(given["run_dir"])
        old = _words_of(run)
        if old is None:
            if mode != "train" and "export_dir" not in given:
                raise UserError("run_dir", f"there is no run in {run}", _latest_hint(mode))
            return words
        return _merge(old, words)
    if (mode in ("eval", "predict") and "export_dir" not in given) or mode == "export":
        raise UserError("run_dir", f"mode={mode} needs the folder of a trained run", _latest_hint(mode))
    if mode == "train" and given.get("resume", "true").lower() not in ("false", "no", "off", "0"):
        cut = _cut_run(words)
        if cut:
            return [*words, f"run_dir={cut}"]
    return words


def _key(word: str) -> str:
    return word.partition("=")[0].lstrip("+~").split("@")[0]


def _words_of(run: Path) -> list[str] | None:
    try:
        words = yaml.safe_load((run / ".hydra" / "overrides.yaml").read_text())
    except (OSError, yaml.YAMLError):
        return None
    # A run folder may come from a stranger: its words choose settings, never options or what Hydra itself starts.
    words = words if isinstance(words, list) else []
    settings = [str(word) for word in words if "=" in str(word) and not str(word).startswith("-")]
    return [word for word in settings if not _key(word).startswith("hydra") and "_target_" not in word]


def _merge(old: list[str], new: list[str]) -> list[str]:
    """Old words, except those that a new one replaces: of the same key, or settings of a group that is chosen anew."""
    replaced = {_key(word) for word in new}
    kept = [word for word in old if _key(word) not in replaced | {"mode", "run_dir"}]
    groups = {"dataset", "model", "task", "hardware", "experiment"} & replaced
    if "task" in groups:
        groups |= {"dataset", "model"}
    kept = [word for word in kept if word.split(".")[0] not in groups or _key(word) in ("task", "experiment")]
    return [*kept, *new]


def _cut_run(words: list[str]) -> Path | None:
    """The newest run of the same words whose process is gone before its end, if it has a checkpoint."""
    wanted = sorted(words)
    for file in sorted(OUTPUTS.glob("*/*/run.json"), key=lambda file: file.stat().st_mtime, reverse=True):
        run = file.parent
        facts = read_facts(run)
        if sorted(w for w in facts.get("overrides", []) if _key(w) != "run_dir") != wanted:
            continue
        if facts.get("status") not in CUT or is_held(run) or not any(run.glob("**/checkpoints/ckpt-*.index")):
            return None  # the newest one of these words ended, or is at work: start anew
        return run
    return None


def _latest_hint(mode: str) -> tuple[str, ...]:
    runs = sorted(OUTPUTS.glob("*/*/export"), key=lambda folder: folder.stat().st_mtime)
    if not runs:
        return ("train one first:  python train.py experiment=quickstart",)
    words = " ".join(w for w in sys.argv[1:] if not w.startswith(("run_dir=", "mode=")))
    return (f"the latest:  python train.py mode={mode} {words + ' ' if words else ''}run_dir={runs[-1].parent}",)
