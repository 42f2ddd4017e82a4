# ruff: noqa: E501 - messages as mpirun prints them
"""Open MPI's messages, of versions 4 and 5, read to their cause."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher import _scratch
from hydra_plugins.mpi_launcher._errors import headline
from hydra_plugins.mpi_launcher._mpi_messages import cause
from mpi_programs import MPIRUNS
from strangers import swept, values

RULE = "-" * 74

MESSAGES = {
    "mkdir 5": (
        f"{RULE}\nPMIx detected a call to mkdir was unable to create the desired directory:\n\n  Directory: /ro/ompi.7\n"
        "  Error:     Read-only file system\n\nPlease check to ensure you have adequate permissions to perform\n"
        f"the desired operation.\n{RULE}\n",
        "mpirun cannot make its folder /ro/ompi.7 (Read-only file system); set TMPDIR to a folder that can be written",
    ),
    "mkdir 4": (
        f"{RULE}\nA call to mkdir was unable to create the desired directory:\n\n  Directory: /ro/ompi.vm.0\n"
        f"  Error:     No such file or directory\n\nPlease check to ensure you have adequate permissions\n{RULE}\n"
        f"[vm:1] ORTE_ERROR_LOG: Error in file session_dir.c at line 107\n{RULE}\nIt looks like orte_init failed for some "
        f"reason; your parallel process is\nlikely to abort.\n{RULE}\n",
        "mpirun cannot make its folder /ro/ompi.vm.0 (No such file or directory); set TMPDIR to a folder that can be "
        "written",
    ),
    "full 5": (
        "[vm:9] PMIX ERROR: PMIX_ERR_FILE_WRITE_FAILURE in file /ptl_base_listener.c at line 258\n"
        f"{RULE}\nThe PMIx server's listener thread failed to start. We cannot\ncontinue.\n{RULE}\n",
        "mpirun cannot write its files (PMIX_ERR_FILE_WRITE_FAILURE): /tmp is full; free some space, or set TMPDIR to "
        "another folder",
    ),
    "full 4": (
        "[vm:9] PMIX ERROR: OUT-OF-RESOURCE in file ../dstore_segment.c at line 208\n",
        "mpirun cannot write its files (OUT-OF-RESOURCE): /tmp is full; free some space, or set TMPDIR to another folder",
    ),
    "other PMIx": (
        "[vm:9] PMIX ERROR: UNREACHABLE in file client.c at line 1\n",
        "mpirun: PMIx failed: UNREACHABLE in file client.c at line 1",
    ),
    "shared memory": (
        f"{RULE}\nIt appears as if there is not enough space for /dev/shm/sm_segment.vm.0 (the shared-memory backing\n"
        "file). It is likely that your MPI job will now either abort or experience\nperformance degradation.\n\n"
        f"  Local host:  vm\n  Space Requested: 16777216 B\n  Space Available: 0 B\n{RULE}\n",
        "mpirun: no space for /dev/shm/sm_segment.vm.0; free some there (df -h /dev/shm; in a container --shm-size=8g)",
    ),
    "slots": (
        f"{RULE}\nThere are not enough slots available in the system to satisfy the 64\nslots that were requested by the "
        f"application:\n\n  true\n\nEither request fewer procs\n{RULE}\n",
        "mpirun has not enough slots for 64 ranks; hydra.launcher.hostfile says how many a host has (host slots=N)",
    ),
    "daemon": (
        f"ssh: connect to host b port 22: No route to host\n{RULE}\nA daemon failed to report back after being spawned. "
        f"This could\nbe due to several factors\n{RULE}\n",
        "mpirun could not start its daemon on a host (ssh: connect to host b port 22: No route to host); the host must let"
        " the remote shell through, and have Open MPI at the same path",
    ),
    "unknown": (
        f"{RULE}\nmpirun was unable to do a thing\nthat is new.\n\nDetails: x\n{RULE}\n",
        "mpirun: mpirun was unable to do a thing that is new.",
    ),
    "a rank's own table": (f"{RULE}\nepoch  loss\n{RULE}\nPMIX is not named here\n", ""),
    "an end": (
        f"{RULE}\nprterun detected that one or more processes exited with non-zero status,\nthus causing the job\n{RULE}\n",
        "",
    ),
}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_read_to_its_cause(monkeypatch: pytest.MonkeyPatch, message: str):
    monkeypatch.delenv("TMPDIR", raising=False)
    said, expected = MESSAGES[message]
    assert cause(f"a line of a rank\n{said}") == expected


REAL = {
    "could not access an executable: /no/such place/python on host ": ["-np", "2", "/no/such place/python"],
    "not enough slots for 640 ranks": ["-np", "640", "true"],
    "hydra.launcher.binding: mpirun knows no mapping nonsense": ["--map-by", "nonsense", "-np", "1", "true"],
}


@pytest.mark.parametrize("mpirun", MPIRUNS)
@pytest.mark.parametrize("expected", REAL)
def test_messages_of_the_real_mpirun(mpirun: str, expected: str):
    command = [mpirun, *(["--allow-run-as-root"] if os.geteuid() == 0 else []), *REAL[expected]]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    assert done.returncode
    assert expected in cause(done.stdout)


PROGRAM = """\
import os, sys, hydra
sys.executable = "/no/such/python"

@hydra.main(version_base=None)
def main(config):
    return 1

main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("mpirun", MPIRUNS)
@pytest.mark.fault("a host has no such Python", "mpirun's message is read to the cause; one line names the file")
def test_a_missing_python_is_the_headline(tmp_path: Path, mpirun: str):
    (tmp_path / "app.py").write_text(PROGRAM)
    done = swept(tmp_path, "+x=1", f"hydra.launcher.mpirun={mpirun}")
    assert done.returncode == 1
    expected = "mpirun could not access an executable: /no/such/python on host "
    assert values(tmp_path)[0].startswith(expected)
    assert f"job 0: {expected}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Node: vm\nExecutable: x", "Node: vm"),
        (
            "killed by SIGKILL\n/output.log:\nTraceback (most recent call last):\n  File\nValueError: x",
            "killed by SIGKILL",
        ),
        (
            "ended with exit code 1\n/o.log:\nTraceback (most recent call last):\n  File\na.ValueError: x",
            "ValueError: x",
        ),
        ("ended with exit code 1\n/o.log:\nNode: vm", "ended with exit code 1"),
        ("Traceback (most recent call last):\n  File\n    Node: x\nValueError: bad\nHint: do that", "ValueError: bad"),
        ("killed: no rank printed anything\nkilled by SIGKILL\nError: x", "killed: no rank printed anything"),
        ("", ""),
    ],
)
def test_headlines(text: str, expected: str):
    assert headline(text) == expected


def test_the_headline_of_a_group_of_exceptions():
    text = (
        "  + Exception Group Traceback (most recent call last):\n  |   File 'a.py', line 1, in <module>\n"
        "  | ExceptionGroup: many (2 sub-exceptions)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n"
    )
    assert headline(text) == "ExceptionGroup: many (2 sub-exceptions)"


@pytest.mark.skipif(not shutil.which("unshare"), reason="no unshare here to mount with")
@pytest.mark.parametrize(
    ("options", "fault"), [("ro", "cannot be written (Read-only file system)"), ("size=4k", "is full")]
)
@pytest.mark.fault("/dev/shm is full or read-only", "mode=doctor and the error of what needs it say so")
def test_shared_memory_that_is_full_or_read_only(options: str, fault: str):
    code = "from hydra_plugins.mpi_launcher.launcher import shared_memory_fault as f; print(f())"
    script = f"mount -t tmpfs -o {options} none /dev/shm && '{sys.executable}' -c '{code}'"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True)
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip("may not mount here")
    assert done.stdout.strip() == f"/dev/shm {fault}"


def test_shared_memory_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(_scratch, "SHARED_MEMORY", tmp_path / "gone")
    assert _scratch.shared_memory_fault() == f"{tmp_path / 'gone'} does not exist"
