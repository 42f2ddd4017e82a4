"""The ranks of a run: their numbers, addresses and shared decisions.

mpirun starts the ranks (`launchers/`, or by hand). TensorFlow's collectives find each other through TF_CONFIG. Ranks
exchange addresses, the name of the run folder and whether to stop through mpi4py.
"""

import json
import os
import socket
from typing import Any

from data.errors import UserError

RANK, SIZE = "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"


def rank() -> int:
    """Number of this process among the ranks of the run; 0 if it is the only one."""
    return int(os.environ.get(RANK, 0))


def size() -> int:
    """Ranks of the run."""
    return int(os.environ.get(SIZE, 1))


def inside_rank() -> bool:
    """Whether mpirun started this process."""
    return SIZE in os.environ


def check_size(processes: int, hardware: str) -> None:
    """Compares what the config says with what mpirun started.

    Raises:
      UserError: they differ.
    """
    if inside_rank() and size() != processes:
        raise UserError(
            "hardware.processes",
            f"hardware={hardware} has {processes}, but mpirun started {size()}",
            (f"mpirun -np {processes} ..., or the same command without mpirun, which train.py starts by itself",),
        )


def same_everywhere(value: Any) -> Any:
    """Rank 0's value, in every rank."""
    return _communicator().bcast(value, root=0) if size() > 1 else value


def any_rank(flag: bool) -> bool:
    """Whether the flag is set in any rank. Every rank must call this equally often."""
    if size() == 1:
        return flag
    return bool(_communicator().allreduce(int(flag)))


def wait_for_all() -> None:
    """Returns once every rank has called it."""
    if size() > 1:
        _communicator().barrier()


def set_tf_config() -> None:
    """Sets TF_CONFIG, the address of every rank, before there is a strategy: strategies read it once.

    Each rank takes a free port of its own, so runs on one machine never collide.
    """
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
        hosts = _communicator().allgather(socket.gethostname())
        host = "127.0.0.1" if len(set(hosts)) == 1 else _own_address()
        workers = _communicator().allgather(f"{host}:{port}")
    task = {"type": "worker", "index": rank()}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": workers}, "task": task})


def _own_address() -> str:
    """The address by which other hosts reach this one."""
    try:
        return socket.gethostbyname(socket.getfqdn())
    except OSError:
        return socket.gethostname()


def _communicator() -> Any:
    from mpi4py import MPI  # initialises MPI, so only where there are ranks

    world = MPI.COMM_WORLD
    if world.size != size():
        raise UserError(
            "mpirun",
            f"it started {size()} ranks, but mpi4py sees {world.size}: they are of different MPIs",
            ("use the mpirun beside this Python, or install mpi4py for the other one",),
        )
    return world
