"""mode=export: the best checkpoint of a run as a SavedModel, and in other formats."""

from pathlib import Path

from hydra_plugins.mpi_launcher.text import shown_path

from data.commands import command, override
from data.errors import UserError
from engine.config import Config
from engine.console import Console
from engine.hardware.strategy import on_host
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.modes.pretrained import describe_pretrained, pretrained_export, serving_of
from engine.overrides import Overrides
from engine.runs.checkpoints import best_checkpoint, damage_of, step_of
from engine.runs.run_folder import is_run, RunFolder
from engine.training.goal import Goal
from models.formats.files import check_converter, file_of, SAVED_MODEL
from models.pretrained.card import card_of, PRETRAINED


def export(config: Config, overrides: list[str]) -> None:
    """Writes the best checkpoint of `run_dir` in all of `export.formats` to `export_dir` and beside it.

    Without `run_dir` it writes the pretrained model.

    Raises:
      UserError: there is no checkpoint, or the converter of a format is not installed.
    """
    console, formats = Console(), config.export.formats
    for name in formats:
        check_converter(name)
    configure_tensorflow(config)
    if "run_dir" in Overrides(overrides):
        serving, checkpoint = config.task.serving(config.model), best_of(config, RunFolder(config.run_dir), console)
    else:
        from models.pretrained.weights import pretrained_checkpoint  # imports TensorFlow, which is configured now

        console.line("from", describe_pretrained(config.task.name))
        serving = serving_of(card_of(config.task.name))
        checkpoint = pretrained_checkpoint(config.task.name, Path(config.dataset.cache_dir))
    folder = Path(config.export_dir)
    files = {name: file_of(folder, name) for name in formats if name != SAVED_MODEL}
    with on_host():
        if SAVED_MODEL in formats:
            serving.export(checkpoint, folder)
            console.line("model", exported_line(config))
        if files:
            folder.parent.mkdir(parents=True, exist_ok=True)
            serving.convert(checkpoint, files)
    for name, path in files.items():
        console.line(name, f"{shown_path(path)}   (docs/deploy.md has code for it)")


def exported_line(config: Config) -> str:
    """The path of the export and the way to load it."""
    return f"{shown_path(config.export_dir)}   (SignVer: {config.task.serving(config.model).signver})"


def export_best(config: Config, run: RunFolder, console: Console) -> None:
    """Writes the weights of a run's best evaluation into `export_dir`.

    Raises:
      UserError: it has none, or they are damaged.
    """
    prefix = best_of(config, run, console)
    with on_host():
        config.task.serving(config.model).export(prefix, Path(config.export_dir))


def best_of(config: Config, run: RunFolder, console: Console) -> str:
    """The checkpoint of a run's best evaluation, or of the best that is left; its prefix.

    Raises:
      UserError: the run has none, or it is damaged.
    """
    steps = [int(entry["step"]) for entry in Goal.of(config).ranked(run.history)]
    prefix = best_checkpoint(run, steps)
    if prefix is None:
        raise UserError("run_dir", f"{shown_path(run.path)} has no checkpoint to export yet")
    if damage := damage_of(prefix):
        raise UserError(
            "run_dir",
            f"the best checkpoint, {shown_path(prefix)}, is damaged ({damage})",
            ("train again: the same command with  resume=false",),
        )
    if steps and step_of(prefix) != steps[0]:
        used = step_of(prefix)
        console.line("note", f"the weights of step {steps[0]}, the best, are gone; those of step {used} are used")
    return prefix


def export_folder(config: Config) -> Path:
    """The folder of the SavedModel that other modes use; with `export_dir=pretrained` that of the pretrained model.

    Raises:
      UserError: there is none in it.
    """
    if config.export_dir == PRETRAINED:
        configure_tensorflow(config)
        return pretrained_export(config.task.name, Path(config.dataset.cache_dir))
    folder = Path(config.export_dir)
    if not (folder / "saved_model.pb").is_file():
        of_folder = [folder.parent] if folder.name == "export" else []
        runs = [run for run in (*of_folder, Path(config.run_dir)) if is_run(run)]
        make = [f"make it from the best checkpoint:  {command('mode=export', override_of_run(run))}" for run in runs]
        remedy = make[0] if make else "name the folder of a run:  run_dir=<run>"
        raise UserError("export_dir", f"no SavedModel in {folder}", (remedy,))
    return folder


def override_of_run(path: Path | str) -> str:
    """The override that names a run folder from here."""
    return override("run_dir", shown_path(path))
