"""The command line around Hydra: run folders of old runs, help for people, errors in one line."""

import difflib
import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from data.errors import UserError
from engine import cluster, help_text, resume
from engine.callbacks import validate_callbacks
from engine.config import DATASETS_OF, known_keys, MODES
from engine.storage_errors import as_storage_error
from engine.tensorflow_setup import prepare_environment
from engine.validation import describe_limits, limits_of, validate

INTERRUPTED = 130
"""Exit code after Ctrl-C or SIGTERM, as shells have it."""

_full_error = False


def call(main: Callable[[], None], conf: Path) -> int:
    """Runs a `hydra.main` function on `sys.argv` and turns whatever goes wrong into one line.

    Args:
      main: decorated by `hydra.main`.
      conf: the folder of config files.

    Returns:
      The exit code: 0, 1 for an error, 130 after an interruption.
    """
    words = sys.argv[1:]
    if {"--help", "-h"} & set(words):
        print(help_text.overview(conf))
        return 0
    global _full_error
    _full_error = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # makes Hydra hand its exceptions to us instead of printing them
    try:
        sys.argv[1:] = _options_first(resume.with_settings_of_run(with_task_of_dataset(words)))
        with help_text.commented_config(conf, words):
            main()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return report(error)
    return 0


def report(error: Exception) -> int:
    """Prints an exception as `explain` puts it, or whole if HYDRA_FULL_ERROR=1 was set; returns the exit code."""
    if type(error).__name__ == "Interrupted":  # it has been said; the class would bring TensorFlow with it
        return INTERRUPTED
    sys.stdout.flush()
    if _full_error:
        traceback.print_exception(error)
    else:
        print("\n".join(explain(error)), file=sys.stderr)
    return 1


def with_task_of_dataset(words: list[str]) -> list[str]:
    """Adds, where a dataset is to be prepared or inspected and no task is named, the task that it is for."""
    given = dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("-"))
    tasks = [task for task, datasets in DATASETS_OF.items() if given.get("dataset") in datasets]
    if given.get("mode") in ("prepare", "inspect") and tasks and not {"task", "run_dir", "experiment"} & given.keys():
        return [*words, f"task={tasks[0]}"]
    return words


def _options_first(words: list[str]) -> list[str]:
    """Puts key=value words last: Hydra's parser does not take them on both sides of an option."""
    overrides = [word for word in words if "=" in word and not word.startswith("-")]
    return [word for word in words if word not in overrides] + overrides


def run(config: DictConfig) -> float | None:
    """Validates a composed config and does what its mode says; the metric to optimise comes back."""
    hydra = HydraConfig.get()
    if hydra.mode == RunMode.MULTIRUN:
        with open_dict(config):
            config.run_dir = hydra.runtime.output_dir
    try:
        validate(config)
        validate_callbacks(hydra)
        words = list(hydra.overrides.task)
        if config.mode == "doctor":
            from engine.doctor import doctor

            return None if doctor(config, hydra.launcher) else sys.exit(1)
        if config.mode == "compare":
            from engine.compare import compare

            return compare(config)
        if config.mode != "train" or hydra.launcher.get("dry_run"):
            return _run_one(config, words)
        if config.hardware.device != "cpu":
            from engine import hardware_check

            hardware_check.require(config, hydra.launcher)
        if config.trainer.repeats > 1:
            from engine.repeats import train_repeats

            return train_repeats(config, words, _run_one)
        return _run_one(config, words)
    except Exception as error:
        if hydra.mode == RunMode.MULTIRUN or cluster.inside_rank():
            raise  # the sweeper or the launcher has to know
        raise SystemExit(report(error)) from None  # Hydra would add lines of its own to an exception


def _run_one(config: DictConfig, words: list[str]) -> float | None:
    """Does what the mode says: in this process, or for several ranks that are still to be started, under mpirun."""
    hydra = HydraConfig.get()
    several = config.hardware.processes > 1 or hydra.launcher.get("dry_run", False)
    if several and config.mode == "train" and not cluster.inside_rank():
        from hydra_plugins.mpi_launcher.launcher import run_plain

        with read_write(hydra), open_dict(hydra):
            hydra.overrides.task = words  # the ranks record them
        return run_plain(run, config)
    prepare_environment()  # before anything imports TensorFlow
    from engine import modes, preparation

    functions = {"train": modes.train, "eval": modes.evaluate, "export": modes.export, "predict": modes.predict}
    functions |= {"prepare": preparation.prepare, "inspect": preparation.inspect}
    return functions[config.mode](config, words)


def explain(error: Exception) -> list[str]:
    """An exception as lines for the user, the first of which says it all."""
    if not isinstance(error, UserError):
        error = as_storage_error(error) or error
    if isinstance(error, UserError):
        return [f"error: {error}", *(f"  {remedy}" for remedy in error.remedies)]
    if isinstance(error, HydraException | OmegaConfBaseException):
        return [f"error: {_explain_config(error)}"]
    where = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    place = f" ({Path(where.filename).name}:{where.lineno})" if where else ""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else ""
    return [
        f"error: {type(error).__name__}: {reason}{place}",
        "  this is a fault of the program; HYDRA_FULL_ERROR=1 before the command shows where",
    ]


def _explain_config(error: Exception) -> str:
    text, cause = str(error), str(error.__cause__ or "")
    key = _key_at_fault(text, cause)
    if match := re.search(r"Could not find '([^']+)'", text):
        group, _, option = match[1].rpartition("/")
        options = re.findall(r"^\t(\S+)$", text, re.MULTILINE)
        return f"{group}: {option} is not an option ({group}={' | '.join(options)})"
    if (
        re.search(r"is not in struct|not in '|No match in the defaults list|not found when composing", text + cause)
        and key
    ):
        return _unknown_key(key)
    if (
        re.search(
            r"could not be converted|not a valid|Invalid value|is not optional|incompatible",
            text + cause,
            re.IGNORECASE,
        )
        and key
    ):
        kind, limits = limits_of(key)
        value = re.search(r"[Vv]alue '([^']*)'", cause + text)
        shown = value[1] if value else "that"
        return f"{key}: {shown} is not a value that it takes ({describe_limits(limits, kind)})"
    if isinstance(error, OverrideParseException):
        return f"{error.override}: not of the form key=value that Hydra reads ({text.splitlines()[0]})"
    lines = [line.strip() for line in f"{text}\n{cause}".splitlines() if line.strip()]
    return " ".join(lines[:2])


def _key_at_fault(text: str, cause: str) -> str:
    for pattern in (r"Could not override '\+?([^'=]+)'", r"Error merging override \+?([^=\s]+)=?"):
        if match := re.search(pattern, text):
            return match[1].split("@")[0]
    match = re.search(r"full_key: (\S+)", cause + text)
    return match[1] if match else ""


def _unknown_key(key: str) -> str:
    keys = known_keys()
    parent = key.rpartition(".")[0]
    close = difflib.get_close_matches(key, keys, n=1, cutoff=0.8)
    if close and close[0] != key:
        return f"{key}: no such key. Did you mean {close[0]}?"
    siblings = sorted(k for k in keys if k.rpartition(".")[0] == parent)
    if key in keys:
        group = parent.split(".")[0]
        return (
            f"{key}: not a key of the {group} chosen here; python train.py --cfg job with your words shows those it has"
        )
    if siblings:
        return f"{key}: no such key ({parent or 'top level'} has {', '.join(s.rpartition('.')[2] for s in siblings)})"
    return f"{key}: no such key; python train.py --help lists them (modes: {', '.join(MODES)})"
