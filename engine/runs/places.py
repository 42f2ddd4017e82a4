"""Checks of the places that a command writes to, before it computes anything: it replaces no file of the user."""

import os
import re
from pathlib import Path

from data.commands import typed
from data.datasets.dataset import Dataset
from data.errors import UserError
from data.own_files import is_own_picture, read_json
from data.own_folders import is_extraction, NAMES_OF_RUN
from data.saved_models import check_replaceable
from engine.config import Config, Extract
from engine.hardware import cluster
from engine.runs.run_folder import is_run
from models.formats.files import check_file, file_of, SAVED_MODEL

_SYSTEM_FILES = re.compile(r"\.DS_Store|\.gitkeep|\.gitignore|\.nfs.*|Thumbs\.db|lost\+found|\..*\.partial")
"""Files that operating systems leave in folders."""

_NAMES_OF_SWEEP = re.compile(
    r"jobs\.json|sweep\.json|leaderboard\.csv|best|multirun\.yaml|optimization_results\.yaml|study\.db|\.launcher"
)
"""Names that a sweep writes into its folder, other than the folders of its trials."""

_ANOTHER = "choose another folder, or a new one"


def check(config: Config, in_sweep: bool) -> None:
    """Checks the places that the mode writes to.

    Args:
      config: accepted.
      in_sweep: whether this is a trial, whose folder the launcher has made.

    Raises:
      UserError: something of the user is there.
    """
    if cluster.inside_rank() and not in_sweep:
        return  # the process that started the ranks has checked
    mode = config.mode
    if mode in ("train", "eval", "prepare", "inspect"):
        check_folder("dataset.cache_dir", Path(config.dataset.cache_dir))
    if mode == "train":
        if not in_sweep:
            check_run_dir(Path(config.run_dir))
        check_export_dir(config)
    elif mode == "export":
        if SAVED_MODEL in config.export.formats:
            check_export_dir(config)
        for name in config.export.formats:
            if name != SAVED_MODEL:
                check_file(file_of(Path(config.export_dir), name))
    elif mode == "eval" and not in_sweep:
        report = Path(config.run_dir) / report_name(config.dataset)
        check_report(report)
        if config.eval.worst:
            check_picture(worst_picture(report))
    elif mode == "predict":
        check_folder("predict.output", Path(config.predict.output))
    elif mode == "extract":
        check_extraction(config)
    elif mode == "inspect":
        check_sheet(Path(config.inspect.output), f"inspect_{config.dataset.name}.png")


def report_name(dataset: Dataset) -> str:
    """The file of mode=eval on a dataset; that on the test part has a name of its own."""
    return f"eval_{dataset.name}{'' if dataset.part == 'validation' else f'_{dataset.part}'}.json"


def worst_picture(report: Path) -> Path:
    """The picture of the worst examples, beside a report of mode=eval."""
    return report.with_name(f"{report.stem}_worst.png")


def check_extraction(config: Config) -> None:
    """Makes sure that mode=extract replaces only lists of its own; pictures are checked as they are written.

    Raises:
      UserError: something else is there.
    """
    from models.extraction.tables import LIST, TABLE

    folder, source = extraction_folder(config.extract), Path(config.extract.input)
    check_folder("extract.output", folder)
    if source.is_dir() and folder.resolve() == source.resolve():
        raise UserError(
            "extract.output",
            f"{folder} is the folder of the scans; results go into one of their own",
            (typed("extract.output", folder / "extracted"),),
        )
    for name in (TABLE, LIST):
        if os.path.lexists(folder / name) and not is_extraction(folder):
            raise UserError("extract.output", f"{folder / name} exists, and mode=extract did not write it", (_ANOTHER,))


def extraction_folder(settings: Extract) -> Path:
    """The output folder: `extract.output`, or one named after the input."""
    return Path(settings.output or Path("outputs", "extract", Path(settings.input).resolve().name or "root"))


def check_run_dir(path: Path) -> None:
    """Makes sure that a run can use a folder.

    The folder may be missing, empty, that of a run, or have only files with names that no run uses, such as a script.

    Raises:
      UserError: it cannot.
    """
    check_folder("run_dir", path)
    try:
        names = [name for name in os.listdir(path) if not _SYSTEM_FILES.fullmatch(name)] if path.is_dir() else []
    except OSError as error:
        raise UserError("run_dir", f"{path} cannot be read ({(error.strerror or str(error)).lower()})") from None
    if not names or is_run(path):
        return
    mine = [name for name in names if NAMES_OF_RUN.fullmatch(name)]
    folders = [name for name in names if (path / name).is_dir()]
    if mine or folders:
        first = sorted(mine or folders)[0]
        raise UserError("run_dir", f"{path} is not a run of this project, and contains {first}", (_ANOTHER,))


def check_sweep_dir(path: Path) -> None:
    """Makes sure that a sweep can use a folder: it is missing, empty, that of a sweep, or has only other files.

    Raises:
      UserError: it cannot.
    """
    check_folder("hydra.sweep.dir", path)
    names = [name for name in os.listdir(path) if not _SYSTEM_FILES.fullmatch(name)] if path.is_dir() else []
    if (path / ".launcher").is_dir() and not (path / ".launcher").is_symlink():
        return
    mine = [name for name in names if _NAMES_OF_SWEEP.fullmatch(name) or (path / name).is_dir()]
    if mine:
        raise UserError(
            "hydra.sweep.dir", f"{path} is not a sweep of this project, and contains {min(mine)}", (_ANOTHER,)
        )


def check_folder(key: str, path: Path) -> None:
    """Makes sure that a path is a folder, or that nothing is there yet.

    Raises:
      UserError: a file is there or on the way to it, or a link that leads nowhere.
    """
    for place in (path, *path.parents):
        try:
            if place.is_dir():
                return
            if os.path.lexists(place):
                what = "is a broken link" if place.is_symlink() else "is a file"
                raise UserError(key, f"{place} {what}, not a folder", (_ANOTHER,))
        except OSError as error:
            raise UserError(key, f"{place} cannot be used ({(error.strerror or str(error)).lower()})") from None


def check_export_dir(config: Config) -> None:
    """Makes sure that `export_dir` is free, or holds an export.

    Raises:
      UserError: something else is there.
    """
    folder, run_dir = Path(config.export_dir), Path(config.run_dir)
    check_folder("export_dir", folder.parent)
    if config.mode == "train" and config.trainer.repeats > 1:
        _check_link(folder, run_dir)
    else:
        check_replaceable(folder)


def _check_link(link: Path, run_dir: Path) -> None:
    """With repeats, `export_dir` is a link to the best repeat's export."""
    if not os.path.lexists(link):
        return
    target = Path(os.path.normpath(link.parent / os.readlink(link))) if link.is_symlink() else None
    if target is None or target.name != "export" or target.parent.parent != Path(os.path.normpath(run_dir)):
        raise UserError("export_dir", f"{link} exists, and is not a link of trainer.repeats", (_ANOTHER,))


def check_report(path: Path) -> None:
    """Makes sure that mode=eval replaces only its own reports.

    Raises:
      UserError: something else is there.
    """
    check_folder("run_dir", path.parent)
    report = read_json(path)
    if os.path.lexists(path) and not (isinstance(report, dict) and {"export", "dataset", "metrics"} <= report.keys()):
        raise UserError("run_dir", f"{path} exists, and is not a report of mode=eval", ("rename it, or set run_dir",))


def check_picture(path: Path) -> None:
    """Makes sure that mode=eval replaces only its own picture.

    Raises:
      UserError: something else is there.
    """
    if os.path.lexists(path) and not is_own_picture(path):
        raise UserError("run_dir", f"{path} exists, and mode=eval did not draw it", ("rename it, or set eval.worst=0",))


def check_sheet(path: Path, usual_name: str) -> None:
    """Makes sure that mode=inspect replaces only its own sheets.

    Args:
      path: of the picture.
      usual_name: identifies sheets of earlier versions, which have no mark.

    Raises:
      UserError: something else is there.
    """
    check_folder("inspect.output", path.parent)
    usual = path == Path("outputs", usual_name) and path.is_file() and not path.is_symlink()
    if os.path.lexists(path) and not usual and not is_own_picture(path):
        what = "is a folder" if path.is_dir() else "exists, and mode=inspect did not write it"
        raise UserError("inspect.output", f"{path} {what}", ("name a new file:  inspect.output=<picture>",))
