"""Checks of the command line before Hydra composes the config."""

import os
from pathlib import Path

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.types import Glob, IntervalSweep, Sweep
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigLoadError
from omegaconf.errors import OmegaConfBaseException

from data.commands import command, override, typed
from data.errors import UserError
from engine.cli import paths
from engine.option_files import GROUPS, OptionFiles
from engine.overrides import CommandLine, Overrides
from engine.runs import places
from engine.validation import field_of

_INSTEAD = {
    "hydra.run.dir": "the folder of a run is  run_dir=<folder>",
    "hydra.job.chdir": "train.py stays in the folder that it was started in; the folder of a run is  run_dir=<folder>",
    "hydra.output_subdir": "a run's config lies in <run_dir>/.hydra",
    "hydra.mode": "a sweep is  -m",
    "hydra/job_logging": "a run's log is <run_dir>/train.log",
    "hydra/hydra_logging": "a run's log is <run_dir>/train.log",
}
"""Settings of Hydra that the project decides, and what to use instead."""

MPI_LAUNCHER = "hydra_plugins.mpi_launcher.launcher.MpiLauncher"
"""The class that the launchers inherit from which may start trials."""

_ALLOWED = {"hydra.job.chdir": (False, None), "hydra.mode": ("MULTIRUN", "RUN")}


def check(line: CommandLine) -> None:
    """Checks options and overrides.

    Raises:
      UserError: the project does not support one of them, or it would have another effect than its name says.
      OverrideParseException: an override does not follow Hydra's grammar.
    """
    if line.given.experimental_rerun:
        raise UserError(
            "--experimental-rerun",
            "a pickled config is not read here",
            ("resume a run:  run_dir=<run>", "start one of the same overrides: the line `repeat` of a run"),
        )
    paths.check_options(line.given)
    paths.check_given(line.overrides)
    for key, instead in _INSTEAD.items():
        if key in line.overrides and line.overrides.get(key) not in _ALLOWED.get(key, ()):
            raise UserError(key, "is not used here", (instead,))
    for key in line.overrides.swept:
        if isinstance(line.overrides.get(key), Glob) and key not in GROUPS:
            raise UserError(
                key, "glob(...) selects options of a group", (f"name the values:  -m {key}=<value>,<value>",)
            )
    _check_launcher(line.overrides)
    for key in line.overrides.removed:
        if key in OptionFiles().every_key() and key != "experiment":
            raise UserError(f"~{key}", "a key always has a value and cannot be removed")
    for text in line.texts:
        if text.startswith("="):
            raise UserError(text, "not of the form key=value")
    for group in GROUPS:
        option = line.overrides.get(group, "")
        if option is None and group == "experiment":
            raise UserError(group, "null is not a recipe", ("for none leave it out, or  ~experiment",))
        if not isinstance(option, str | Sweep | Glob):
            raise UserError(group, f"{'null' if option is None else option} is not an option")
    if line.given.multirun:
        _check_sweep(line.overrides)
    else:
        _check_no_sweep(line)


def _check_launcher(given: Overrides) -> None:
    launcher = given.get("hydra/launcher", "mpi")
    if launcher != "mpi" and not _inherits_from_mpi(str(launcher)):
        raise UserError(
            "hydra/launcher",
            f"{launcher} is not used here: the launcher mpi starts the trials and gives each its cards and cores",
            ("leave hydra/launcher out; one trial at a time:  hydra.launcher.slots=1",),
        )


def _inherits_from_mpi(launcher: str) -> bool:
    """Whether the class of a user's launcher inherits from that of `mpi`."""
    plugins = Plugins.instance()  # imports them, which registers their options
    try:
        target = ConfigStore.instance().load(f"hydra/launcher/{launcher}.yaml").node._target_
    except (ConfigLoadError, OmegaConfBaseException):  # none of this name, or one without a class
        return False
    kinds = plugins.class_name_to_class[target].__mro__ if target in plugins.class_name_to_class else ()
    # Hydra imports plugins again, so the classes are not the same objects.
    return any(f"{kind.__module__}.{kind.__qualname__}" == MPI_LAUNCHER for kind in kinds)


def _check_no_sweep(line: CommandLine) -> None:
    given = line.overrides
    for key in given.swept:
        if isinstance(given.get(key), IntervalSweep):
            raise _needs_study(given, key)
        remedies = [f"to try several values:  {command('-m', *line.texts)}"]
        if paths.is_path(key):
            text = next(iter(given.only(key))).partition("=")[2]
            remedies.append(f"for a comma in a path:  {command(override(key, text))}")
        elif (field := field_of(key)) and str(field.type).startswith("list"):
            text = next(iter(given.only(key))).partition("=")[2]
            remedies.append(f"for a list:  {command(f'{key}=[{text}]')}")
        raise UserError(key, "has several values", tuple(remedies))


def _needs_study(given: Overrides, key: str) -> UserError:
    study = command("-m", "hydra/sweeper=study", *given.without("hydra/sweeper"))
    return UserError(
        key,
        "only the study sweeper draws from interval(...)",
        (f"let Optuna choose:  {study}", f"or name the values:  -m {key}=<value>,<value>"),
    )


def _check_sweep(given: Overrides) -> None:
    folder = given.get("hydra.sweep.dir")
    if isinstance(folder, str) and "${" not in folder and "hydra.launcher.resume" not in given:
        places.check_sweep_dir(Path(os.path.expanduser(folder)))
    training = "train" in (given.values("mode") or ["train"])
    sweeper = given.get("hydra/sweeper", "basic")
    for key in given.swept:
        if isinstance(given.get(key), IntervalSweep) and sweeper == "basic" and "experiment" not in given:
            raise _needs_study(given, key)
        if key.startswith("hydra.") and key != "hydra.sweeper.params":
            raise UserError(key, "applies to the whole sweep and takes one value")
    if not training:
        return
    if "run_dir" in given:
        remedies = [f"the folder of the sweep is  {typed('hydra.sweep.dir', given.get('run_dir'))}"]
        if "run_dir" in given.swept:
            remedies = ["the folder of the sweep is  hydra.sweep.dir=<folder>"]
        raise UserError("run_dir", "each trial of a sweep has a folder of its own", tuple(remedies))
    export = given.get("export_dir")
    if isinstance(export, str) and "${" not in export:
        raise UserError(
            "export_dir",
            "all trials of the sweep would write into it",
            ("leave it out: each trial's export is in its folder, and <sweep>/best links to the best one",),
        )
