"""Old runs on the command line: `run_dir=<old run>`, and a repeated command whose run was interrupted."""

import sys
from pathlib import Path

from data.commands import command, override
from data.errors import UserError
from engine.overrides import CommandLine, Overrides
from engine.runs import run_settings
from engine.runs.run_folder import is_held, read_metadata
from engine.runs.run_settings import CHOSEN_BY_NAME, OldRun
from models.pretrained.card import PRETRAINED

OUTPUTS = Path("outputs")

UNFINISHED = ("running", "interrupted", "failed")
"""States of a run whose process ended before the run did."""

NEEDS_RUN = ("eval", "export", "predict", "pack")


def with_settings_of_run(line: CommandLine) -> CommandLine:
    """Registers with Hydra the settings of the run that a command line refers to.

    With `run_dir=<old run>` that run's `.hydra/config.yaml` replaces recipes and defaults, and the
    overrides of the command line come on top: `run_dir=<run>` alone resumes it. A group option that is named on
    the command line comes from conf/, except that training keeps task, model and dataset where the run has the same
    option. Without `run_dir`, a training command resumes its last run if that was interrupted.

    Args:
      line: of the command line.

    Returns:
      The command line for Hydra.

    Raises:
      UserError: mode=eval|export|pack names no run, a run does not exist, or a recipe is given for an old run.
    """
    given, mode = line.overrides, line.overrides.get("mode", "train")
    for key in ("run_dir", "export_dir"):
        if mode == "extract" and key in given:
            raise UserError(key, "mode=extract uses two models", ("extract.detector=<run> extract.cleaner=<run>",))
    if "run_dir" in given:
        run = run_settings.read_run(given.path("run_dir"))
        if run is None and mode in NEEDS_RUN and "export_dir" not in given:
            raise UserError("run_dir", f"there is no run in {given.path('run_dir')}", _latest_hint(given, mode))
        return _set_up(line, run) if run else line
    if mode == "predict" and "export_dir" not in given:
        return line.with_overrides([*line.texts, override("export_dir", PRETRAINED)])
    if mode in NEEDS_RUN and ("export_dir" not in given or mode == "pack"):
        raise UserError("run_dir", f"mode={mode} needs the folder of a trained run", _latest_hint(given, mode))
    if mode == "train" and _may_resume(given) and not (line.given.multirun or line.given.cfg or line.given.info):
        interrupted = _interrupted_run(given)
        run = run_settings.read_run(interrupted) if interrupted else None
        if run:
            return _set_up(line.with_overrides([*line.texts, override("run_dir", interrupted)]), run)
    return line


def recorded(run_dir: Path, given: Overrides) -> Overrides:
    """The overrides of a run for its record: those of its start, followed by those of the command line.

    Args:
      run_dir: folder of the run, which may not exist yet.
      given: overrides of the command line.
    """
    old = run_settings.harmless(read_metadata(run_dir).get("overrides"))
    groups = [group for group in (*CHOSEN_BY_NAME, "hardware") if group in given]
    if "task" in groups:
        groups += ["dataset", "model"]
    kept = old.without("mode", "run_dir", *given.keys)
    return (kept.outside(*groups) if groups else kept).followed_by(given)


def _set_up(line: CommandLine, run: OldRun) -> CommandLine:
    given = line.overrides
    training = given.get("mode", "train") == "train"
    if "experiment" in given:
        recipe = given.get("experiment")
        if recipe is not None and recipe != run.overrides.get("experiment"):
            raise UserError(
                "experiment",
                f"{run.path} keeps the settings that it was trained with; a recipe is for a new run",
                ("leave experiment out, or run_dir",),
            )
        given = given.without("experiment")
    if training:
        given = given.without(*(g for g in CHOSEN_BY_NAME if g in given and run.chose(g, given.get(g))))
        if "dataset" not in given:
            given = _without_parts(given, run)
    settings, dropped = run_settings.settings_of(run, given)
    run_settings.register(settings)
    dropped = sorted(key for key in dropped if key not in given)
    if dropped:
        print(f"note: {run.path}: left out of its settings: {', '.join(dropped)}", file=sys.stderr)
    return line.with_overrides(given)


def _without_parts(given: Overrides, run: OldRun) -> Overrides:
    """The overrides without those that add the parts which the run's mixture has.

    Raises:
      UserError: they add another one.
    """
    adding = [key for key in given.keys if key.startswith("dataset@")]
    for key in adding:
        if run.overrides.get(key) != given.get(key):
            raise UserError(
                key,
                f"{run.path} keeps the parts that it was trained with",
                ("leave run_dir out to start a new run",),
            )
    return given.without(*adding)


def _may_resume(given: Overrides) -> bool:
    return str(given.get("resume", True)).lower() not in ("false", "no", "off", "0")


def _interrupted_run(given: Overrides) -> Path | None:
    """The newest run of the same overrides, if its process ended before the run did and it has a checkpoint."""
    wanted = sorted(given.outside("hydra"))
    for file in sorted(OUTPUTS.glob("*/*/run.json"), key=_changed, reverse=True):
        run = file.parent
        metadata = read_metadata(run)
        if sorted(Overrides.readable(metadata.get("overrides") or []).without("run_dir")) != wanted:
            continue
        if metadata.get("status") not in UNFINISHED or is_held(run) or not any(run.glob("**/checkpoints/ckpt-*.index")):
            return None  # the newest run of these overrides has ended or is active: start a new one
        return run
    return None


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # it has been removed in the meantime
        return 0.0


def _latest_hint(given: Overrides, mode: str) -> tuple[str, ...]:
    runs = sorted(OUTPUTS.glob("*/*/export"), key=_changed)
    if not runs:
        return (f"train one first:  {command('experiment=quickstart')}",)
    others = given.without("run_dir", "mode", "experiment")
    return (f"the latest:  {command(f'mode={mode}', *others, override('run_dir', runs[-1].parent))}",)
