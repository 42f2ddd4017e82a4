"""The folder of a sweep, which one process at a time can use."""

import fcntl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._errors import LaunchError


class SweepFolder:
    """A folder that this process has locked until it ends.

    Args:
      wanted: the requested folder of the sweep.
      must_be_new: whether its name contains the time: if it exists, a sweep of the same second uses it, and a number
        is added. A folder with any other name is used as it is, unless a sweep runs in it.
      resume: the folder of an earlier sweep, taken in place of `wanted`.

    Attributes:
      path: the folder.

    Raises:
      LaunchError: there is no sweep to resume, it is still running, or the folder cannot be written.
    """

    def __init__(self, wanted: Path, must_be_new: bool, resume: str | None) -> None:
        self._claim: Any = None
        self._option = "hydra.launcher.resume" if resume else "hydra.sweep.dir"
        if resume:
            self.path = Path(resume)
            if not (self.path / "jobs.json").is_file() and not (self.path / ".launcher" / "lock").is_file():
                raise LaunchError(f"hydra.launcher.resume: no sweep in {self.path} (jobs.json is missing)")
            if not self._claimed(self.path):
                raise LaunchError(f"hydra.launcher.resume: the sweep in {self.path} is still running")
            return
        self.path, number = wanted, 0
        while (must_be_new and self.path.exists()) or not self._claimed(self.path, must_be_new):
            number += 1
            self.path = wanted.with_name(f"{wanted.name}_{number}")

    def leave(self) -> None:
        """Unlocks the folder, and removes it if it is empty."""
        self._claim.close()
        private = self.path / ".launcher"
        (private / "lock").unlink(missing_ok=True)
        for folder in (private, self.path):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def _claimed(self, folder: Path, must_be_new: bool = False) -> bool:
        """Locks a folder for this process; returns whether no other process has it."""
        try:
            self._claim = _locked(folder, must_be_new)
        except (FileExistsError, BlockingIOError):
            return False
        except OSError as error:
            raise LaunchError(
                f"{self._option}: {folder} cannot be used: {error.strerror}; give another hydra.sweep.dir"
            ) from None
        return True


def _locked(folder: Path, must_be_new: bool) -> Any:
    """Makes a folder and locks it for this process.

    Raises:
      BlockingIOError: another process has it.
    """
    folder.mkdir(parents=True, exist_ok=not must_be_new)
    private = folder / ".launcher"
    private.mkdir(mode=0o700, exist_ok=True)
    claim = open(private / "lock", "a")  # noqa: SIM115 - held until this process ends
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        claim.close()
        raise
    return claim


def check_folders_apart(folders: Iterable[tuple[int, Path]], known: dict[Path, int] | None = None) -> None:
    """Refuses jobs that would write into one folder.

    Args:
      folders: number and folder of each job.
      known: folder -> number of jobs that were checked before; these are added.

    Raises:
      LaunchError: two jobs have the same folder.
    """
    number_of = {} if known is None else known
    for number, folder in folders:
        other = number_of.setdefault(folder, number)
        if other != number:
            raise LaunchError(
                f"hydra.sweep.subdir: jobs {other} and {number} would both write into {folder}; "
                "give each a folder of its own:  'hydra.sweep.subdir=${hydra.job.num}'"
            )
