"""Other machines: a hostfile or a Slurm allocation, and whether they can be reached."""

import dataclasses
import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hydra_plugins.mpi_launcher._errors import LaunchError

PROBE_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Host:
    """A machine that runs ranks.

    Attributes:
      name: as the remote shell takes it.
      slots: ranks, or cards, that it has room for.
    """

    name: str
    slots: int


def find_hosts(hostfile: str | None) -> list[Host]:
    """The hosts of a hostfile, else of the Slurm allocation around this process, else none: this machine alone.

    Raises:
      LaunchError: the file is missing or a line of it cannot be understood.
    """
    if hostfile:
        return read_hostfile(Path(hostfile))
    if "SLURM_JOB_NODELIST" in os.environ and int(os.environ.get("SLURM_JOB_NUM_NODES", "1")) > 1:
        return _slurm_hosts()
    return []


def read_hostfile(path: Path) -> list[Host]:
    """Open MPI's hostfile: lines of `host slots=8`, `#` before comments; a host without slots has one."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise LaunchError(f"hydra.launcher.hostfile: cannot read {path} ({error.strerror})") from None
    hosts = []
    for number, line in enumerate(lines, start=1):
        parts = line.partition("#")[0].split()
        if not parts:
            continue
        options = dict(part.partition("=")[::2] for part in parts[1:])
        slots = options.pop("slots", "1")
        options.pop("max_slots", None), options.pop("max-slots", None)
        if options or not slots.isdigit() or int(slots) < 1:
            raise LaunchError(f"hydra.launcher.hostfile: {path}, line {number}: not of the form `host slots=8`: {line}")
        hosts.append(Host(parts[0], int(slots)))
    if not hosts:
        raise LaunchError(f"hydra.launcher.hostfile: {path} names no host")
    if len({host.name for host in hosts}) < len(hosts):
        raise LaunchError(f"hydra.launcher.hostfile: {path} names a host twice")
    return hosts


def check_reachable(hosts: Sequence[Host], remote_shell: str) -> None:
    """Runs `true` on every host at once.

    Raises:
      LaunchError: names the hosts that cannot be reached, with the message of the remote shell.
    """

    def probe(host: Host) -> str | None:
        command = [*shlex.split(remote_shell), host.name, "true"]
        if Path(command[0]).name == "ssh":
            command[1:1] = ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={PROBE_SECONDS // 2}"]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PROBE_SECONDS
            )
        except subprocess.TimeoutExpired:
            return f"{host.name} (no answer in {PROBE_SECONDS} s)"
        except OSError as error:
            return f"{host.name} ({command[0]}: {error.strerror})"
        if done.returncode == 0:
            return None
        lines = (done.stderr or done.stdout).strip().splitlines()
        return f"{host.name} ({lines[-1] if lines else f'exit code {done.returncode}'})"

    with ThreadPoolExecutor(max_workers=min(32, len(hosts) or 1)) as threads:
        failed = [line for line in threads.map(probe, hosts) if line]
    if failed:
        raise LaunchError(f"cannot reach {'; '.join(failed)}: every host must let `{remote_shell} <host> true` through")


def _slurm_hosts() -> list[Host]:
    nodes = os.environ["SLURM_JOB_NODELIST"]
    try:
        done = subprocess.run(["scontrol", "show", "hostnames", nodes], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise LaunchError(
            f"Slurm: scontrol does not list the hosts of {nodes} ({error}); give hydra.launcher.hostfile"
        ) from None
    names = done.stdout.split()
    counts = _slurm_counts(os.environ.get("SLURM_TASKS_PER_NODE") or os.environ.get("SLURM_JOB_CPUS_PER_NODE", "1"))
    if len(counts) != len(names):
        raise LaunchError(f"Slurm: {len(names)} hosts but counts for {len(counts)}; give hydra.launcher.hostfile")
    return [Host(name, count) for name, count in zip(names, counts, strict=True)]


def _slurm_counts(text: str) -> list[int]:
    """`8(x2),4` is 8, 8, 4."""
    counts = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d+)(?:\(x(\d+)\))?", part.strip())
        if match is None:
            raise LaunchError(f"Slurm: cannot read the count {part!r}; give hydra.launcher.hostfile")
        counts += [int(match[1])] * int(match[2] or 1)
    return counts
