"""The command line around Hydra: run folders of old runs, help, errors in one line."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from engine.cli import each_run, help_text, paths, refusals, streams
from engine.cli.callbacks import validate_callbacks
from engine.cli.explanations import explain
from engine.config import Config
from engine.hardware import cluster
from engine.hardware.survey import require
from engine.hardware.tensorflow_setup import prepare_environment
from engine.modes import mode_function, USE_TENSORFLOW
from engine.option_files import OptionFiles
from engine.overrides import CommandLine, Overrides
from engine.runs import places, resume
from engine.runs.direction import settle
from engine.runs.run_settings import read_run
from engine.tasks import tasks_of_dataset
from engine.training.endings import Interrupted
from engine.validation import accept_config

INTERRUPTED = 130
"""Exit code after Ctrl-C or SIGTERM, as shells have it."""

_full_error = False
_line: CommandLine | None = None


def call(main: Callable[[], None]) -> int:
    """Runs a `hydra.main` function on `sys.argv` and reports every error in one line.

    Args:
      main: decorated by `hydra.main`.

    Returns:
      The exit code: 0, 1 for an error, 130 after an interruption.
    """
    global _full_error, _line
    try:
        if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:  # as train.py leaves it
            signal.signal(signal.SIGINT, _interrupt)
        streams.make_lasting()
        _full_error = os.environ.get("HYDRA_FULL_ERROR") == "1"
        line = _line = with_own_study(CommandLine.read(sys.argv[1:]))
        if line.given.help:
            print(help_text.overview(OptionFiles()))
            return 0
        refusals.check(line)
        line = with_task_of_recipes(with_task_of_dataset(paths.as_paths(line)))
        if each_run.is_wanted(line):
            return each_run.call_for_each(line)
        line = with_parts_of_task(line)
        os.environ["HYDRA_FULL_ERROR"] = "1"  # makes Hydra raise its exceptions instead of printing them
        line = _line = resume.with_settings_of_run(line)
        sys.argv[1:] = line.arguments
        with help_text.commented_config(OptionFiles(), line.given.cfg == "job" and not line.given.package):
            main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        return report(error)
    return 0


def _interrupt(number: int, frame: Any) -> None:
    """Interrupts the program, and hides errors in destructors of half-built objects, such as TensorFlow's functions."""
    sys.unraisablehook = lambda unraisable: None
    raise KeyboardInterrupt


def report(error: Exception) -> int:
    """Prints an exception in the form of `explain`, or whole if HYDRA_FULL_ERROR=1 is set; returns the exit code."""
    if isinstance(error, Interrupted):  # reported already
        return INTERRUPTED
    sys.stdout.flush()
    if _full_error:
        traceback.print_exception(error)
    else:
        print("\n".join(explain(error, _line)), file=sys.stderr)
    return 1


def with_own_study(line: CommandLine) -> CommandLine:
    """Replaces `hydra/sweeper=optuna` by the study sweeper of launchers/.

    conf/ has an option `optuna`, but Hydra refuses two options of one name where hydra-optuna-sweeper is installed.
    """
    texts = ["hydra/sweeper=study" if text == "hydra/sweeper=optuna" else text for text in line.texts]
    return line.with_overrides(texts)


def with_task_of_recipes(line: CommandLine) -> CommandLine:
    """Adds the task that all recipes of a sweep share: Hydra first composes a config without any of them."""
    given = line.overrides
    if not line.given.multirun or "task" in given or "experiment" not in given.swept:
        return line
    tasks = {OptionFiles().override_in(f"experiment/{recipe}", "task") for recipe in given.values("experiment")}
    task = tasks.pop() if len(tasks) == 1 else ""
    return line.with_overrides([*line.texts, f"task={task}"]) if task else line


def with_task_of_dataset(line: CommandLine) -> CommandLine:
    """Adds the task of a dataset to a command that prepares or inspects it and names no task."""
    given = line.overrides
    named = any(key in given for key in ("task", "run_dir", "experiment"))
    if given.get("mode") not in ("prepare", "inspect") or "dataset" not in given or named:
        return line
    parts = [given.get(key) for key in given.keys if key.startswith("dataset@")]
    tasks = tasks_of_dataset(str(given.get("dataset")))
    tasks = [task for task in tasks if all(task in tasks_of_dataset(str(part)) for part in parts)]
    return line.with_overrides([*line.texts, f"task={tasks[0]}"]) if tasks else line


def with_parts_of_task(line: CommandLine) -> CommandLine:
    """Names the task's own file of a part of a mixture: synthetic/detector for synthetic.

    Hydra composes what a command adds before it knows the task.
    """
    adding = [key for key in line.overrides.keys if key.startswith("dataset@")]
    if not adding:
        return line
    files, given = OptionFiles(), line.overrides
    run = read_run(given.path("run_dir")) if "run_dir" in given else None
    of_recipe = files.override_in(f"experiment/{given.get('experiment')}", "task") if "experiment" in given else ""
    task = str(given.get("task") or of_recipe or (run.name_of("task") if run else "") or _USUAL_TASK)
    texts = []
    for text in line.texts:
        single = Overrides([text])
        if single.keys[0] in adding and "=" in text:
            of_task = {option: f"{option}/{task}" for option in map(str, single.values(single.keys[0]))}
            options = (path if files.target(f"dataset/{path}") else option for option, path in of_task.items())
            text = f"{text.partition('=')[0]}={','.join(options)}"
        texts.append(text)
    return line.with_overrides(texts)


_USUAL_TASK = "cleaner"
"""What conf/config.yaml chooses."""


def run(config: DictConfig) -> float | None:
    """Validates a composed config and runs its mode; returns the metric to optimise."""
    hydra: Any = HydraConfig.get()
    if cluster.inside_rank():
        streams.make_lasting()
    unresolved: Any = OmegaConf.to_container(hydra.overrides, resolve=False)
    given = Overrides(unresolved["task"])
    if hydra.mode == RunMode.MULTIRUN and "run_dir" not in given:
        with open_dict(config):
            config.run_dir = hydra.runtime.output_dir
    try:
        paths.resolve_paths(config)
        corrected = settle(config, given="task.better" in given)
        accepted = accept_config(config)
        validate_callbacks(hydra)
        if corrected and accepted.mode in ("train", "export") and _prints_notes(accepted):
            print(f"note     {corrected}", flush=True)
        places.check(accepted, hydra.mode == RunMode.MULTIRUN)
        training = accepted.mode == "train"
        overrides = list(resume.recorded(Path(accepted.run_dir), given) if training else given)
        if training and not hydra.launcher.get("dry_run"):
            if accepted.hardware.has_cards:
                require(accepted.hardware, hydra.launcher)
            if accepted.trainer.repeats > 1:
                from engine.modes.repeats import train_repeats

                return train_repeats(accepted, overrides, _run_one)
        return _run_one(accepted, overrides)
    except Exception as error:
        if hydra.mode == RunMode.MULTIRUN or cluster.inside_rank():
            raise  # the sweeper or the launcher has to know
        raise SystemExit(report(error)) from None  # Hydra would add lines of its own to an exception


def _prints_notes(config: Config) -> bool:
    """Whether this process prints notes; one that starts ranks leaves that to rank 0."""
    starts_ranks = config.mode == "train" and config.hardware.processes > 1 and not cluster.inside_rank()
    return not starts_ranks and cluster.rank() == 0


def _run_one(config: Config, overrides: list[str]) -> float | None:
    """Runs the mode: in this process, or in several ranks that it starts under mpirun."""
    hydra: Any = HydraConfig.get()
    several = config.hardware.processes > 1 or hydra.launcher.get("dry_run", False)
    if several and config.mode == "train" and not cluster.inside_rank():
        from hydra_plugins.mpi_launcher.launcher import run_plain

        with read_write(hydra), open_dict(hydra):
            hydra.overrides.task = overrides  # the ranks record them
        return run_plain(run, config.composed)
    if config.mode in USE_TENSORFLOW:
        prepare_environment()  # before anything imports TensorFlow
    return mode_function(config.mode)(config, overrides)
