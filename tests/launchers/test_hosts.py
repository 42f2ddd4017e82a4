"""Hostfiles, Slurm, hosts that cannot be reached, and a job on two hosts made of network namespaces."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._hosts import check_reachable, find_hosts, Host, read_hostfile
from mpi_programs import MPIRUNS, run, states


def hostfile(folder: Path, text: str) -> Path:
    path = folder / "hosts"
    path.write_text(text)
    return path


def test_a_hostfile_is_read(tmp_path: Path):
    path = hostfile(tmp_path, "# ours\na slots=8\n\nb slots=4 max_slots=4 # half\nc\n")
    assert read_hostfile(path) == [Host("a", 8), Host("b", 4), Host("c", 1)]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("a slots=many", "line 1"), ("a\nb cards=8", "line 2"), ("# none", "names no host"), ("a\na", "twice")],
)
def test_a_line_that_cannot_be_understood_is_named(tmp_path: Path, text: str, complaint: str):
    with pytest.raises(LaunchError, match=complaint):
        read_hostfile(hostfile(tmp_path, text))


def test_a_missing_hostfile_is_named(tmp_path: Path):
    with pytest.raises(LaunchError, match=r"cannot read .*gone"):
        find_hosts(str(tmp_path / "gone"))


def test_a_slurm_allocation_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scontrol = tmp_path / "scontrol"
    scontrol.write_text('#!/bin/sh\n[ "$1 $2 $3" = "show hostnames n[1-3]" ] && printf "n1\\nn2\\nn3\\n"\n')
    scontrol.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for name, value in (("NODELIST", "n[1-3]"), ("NUM_NODES", "3")):
        monkeypatch.setenv(f"SLURM_JOB_{name}", value)
    monkeypatch.setenv("SLURM_TASKS_PER_NODE", "8(x2),4")
    assert find_hosts(None) == [Host("n1", 8), Host("n2", 8), Host("n3", 4)]
    monkeypatch.setenv("SLURM_TASKS_PER_NODE", "8")
    with pytest.raises(LaunchError, match="3 hosts but counts for 1"):
        find_hosts(None)


def test_hosts_that_cannot_be_reached_are_named(tmp_path: Path):
    shell = tmp_path / "shell"
    shell.write_text('#!/bin/sh\n[ "$1" = good ] || { echo "no route to $1" >&2; exit 255; }\n')
    shell.chmod(0o755)
    check_reachable([Host("good", 1)], str(shell))
    with pytest.raises(LaunchError, match=r"cannot reach bad \(no route to bad\): every host"):
        check_reachable([Host("good", 1), Host("bad", 1)], str(shell))


def ip(*overrides: str) -> bool:
    return subprocess.run(["ip", *overrides], capture_output=True).returncode == 0


@pytest.fixture
def two_hosts(tmp_path: Path):
    """Two network namespaces joined by a veth pair, and a stand-in for ssh that runs a command in one of them."""
    names = [f"mpi{os.getpid() % 10000}{letter}" for letter in "ab"]
    if not shutil.which("ip") or os.geteuid() != 0 or not ip("netns", "add", names[0]):
        pytest.skip("no network namespaces here: they need root and Debian's iproute2")
    try:
        if not ip("netns", "add", names[1]):
            pytest.skip("no second network namespace here")
        ip("link", "add", "veth0", "netns", names[0], "type", "veth", "peer", "name", "veth0", "netns", names[1])
        for number, name in enumerate(names, start=1):
            ip("-n", name, "addr", "add", f"10.99.77.{number}/24", "dev", "veth0")
            ip("-n", name, "link", "set", "veth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        shell = tmp_path / "shell"
        cases = "\n".join(f"  10.99.77.{number}) name={name};;" for number, name in enumerate(names, start=1))
        shell.write_text(
            f'#!/bin/sh\nhost=$1\nshift\ncase $host in\n{cases}\n  *) echo "unknown host $host" >&2; exit 255;;\nesac\n'
            'exec ip netns exec $name env -i PATH="$PATH" HOME="$HOME" sh -c "cd /; $*"\n'
        )
        shell.chmod(0o755)
        yield names, shell
    finally:
        for name in names:
            ip("netns", "delete", name)


@pytest.mark.slow
@pytest.mark.parametrize("mpirun", MPIRUNS)
def test_a_job_spans_two_hosts_and_small_ones_are_packed_on_them(tmp_path: Path, two_hosts, mpirun: str):
    (first, _), shell = two_hosts
    hosts = hostfile(tmp_path, "10.99.77.1 slots=2\n10.99.77.2 slots=2\n")
    overrides = ["x=1,2", "ranks=1,4", f"hydra.launcher.hostfile={hosts}", f"hydra.launcher.remote_shell={shell}"]
    # The launcher itself runs on the first host, as it would on a cluster.
    namespace = ("ip", "netns", "exec", first)
    done = run(
        tmp_path, *overrides, f"hydra.launcher.mpirun={mpirun}", "+hydra.launcher.env.EXTRA=given", before=namespace
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert states(tmp_path) == dict.fromkeys(range(4), "done")
    assert len(list((tmp_path / "sweep/1").glob("seen_*"))) == 4
    assert "10.99.77.1:0-1 + 10.99.77.2:0-1" in done.stdout
    assert all("extra=given" in path.read_text() for path in tmp_path.glob("sweep/1/seen_*"))


@pytest.mark.slow
def test_a_sweep_names_the_host_that_is_away(tmp_path: Path, two_hosts):
    _, shell = two_hosts
    hosts = hostfile(tmp_path, "10.99.77.1 slots=2\n10.99.77.9 slots=2\n")
    done = run(tmp_path, "x=1", f"hydra.launcher.hostfile={hosts}", f"hydra.launcher.remote_shell={shell}")
    assert done.returncode == 1
    assert "cannot reach 10.99.77.9 (unknown host 10.99.77.9)" in done.stderr
