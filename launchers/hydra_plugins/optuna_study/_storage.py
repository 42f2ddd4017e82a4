"""The database file of a study."""

import contextlib
import sqlite3
from pathlib import Path

import optuna
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.optuna_study._one_line import one_line


def stored_name(file: Path, wanted: str) -> tuple[str, int]:
    """Name of the study that a file is to hold, and number of its trials so far, those that wait included.

    Raises:
      LaunchError: the file has another study, or is no database of Optuna's.
    """
    if not file.exists():
        return wanted, 0
    found = {study.study_name: study.n_trials for study in optuna.get_all_study_summaries(storage_in(file))}
    if found and wanted not in found:
        raise LaunchError(f"hydra.sweeper.study_name: the study in {file} is {next(iter(found))}, not {wanted}")
    return wanted, found.get(wanted, 0)


def storage_in(file: Path) -> optuna.storages.RDBStorage:
    """An Optuna storage in a file, which is made if it is not there.

    Raises:
      LaunchError: it cannot be made, or is no database of Optuna's.
    """

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(file.absolute(), check_same_thread=False)

    if file.exists() and (foreign := _tables_of_others(file)):
        raise LaunchError(f"{file}: a database of another program, with a table {foreign[0]}; give another folder")
    try:  # not by a URL: Optuna and SQLAlchemy would take some characters of the path for something of their own
        return optuna.storages.RDBStorage("sqlite:///study.db", engine_kwargs={"creator": connect})
    except Exception as error:
        raise LaunchError(f"{file}: not a study that can be read and written: {one_line(error)}") from None


def _tables_of_others(file: Path) -> list[str]:
    """Tables of a database that Optuna did not make, in which it would put its own."""
    try:
        with contextlib.closing(sqlite3.connect(file.absolute().as_uri() + "?mode=ro", uri=True)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    except sqlite3.Error:  # what Optuna then says of it
        return []
    return [] if "studies" in tables else sorted(tables)
