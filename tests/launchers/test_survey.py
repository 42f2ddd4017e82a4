"""The survey of the machine before a launch."""

import os
import sys
import types
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from gaudi_files import write_machine
from hydra_plugins.mpi_launcher import _machine
from hydra_plugins.mpi_launcher.launcher import survey, visible_cards
from omegaconf import DictConfig, OmegaConf

OPTIONS = OmegaConf.create({"mpirun": "auto", "hostfile": None})


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(_machine, "ROOT", tmp_path)
    monkeypatch.delenv("HABANA_VISIBLE_MODULES", raising=False)
    return write_machine(tmp_path, 4)


def with_mpirun(path: Path) -> DictConfig:
    return OmegaConf.create({"mpirun": str(path), "hostfile": None})


def test_cards_cores_and_mpirun(machine: Path):
    seen = survey(OPTIONS, "hpu")
    assert [card.number for card in seen.cards] == [0, 1, 2, 3]
    assert seen.cards == visible_cards("hpu")
    assert seen.held == {}
    assert seen.physical_cores <= seen.cores == len(os.sched_getaffinity(0))
    assert seen.open_mpi.major in (4, 5)
    assert seen.hosts == []


def test_no_cards_are_looked_for_on_the_processor(machine: Path):
    assert survey(OPTIONS, "").cards == []


def test_a_missing_mpirun_is_a_finding(machine: Path):
    seen = survey(with_mpirun(machine / "mpirun"), "hpu")
    assert seen.open_mpi is None
    assert "is not a program" in seen.mpi_fault


def test_hl_smi_and_pyhlml_report_how_many_cards_there_are(machine: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(machine))
    monkeypatch.setitem(sys.modules, "pyhlml", None)
    assert survey(OPTIONS, "hpu").reported is None
    library = types.SimpleNamespace(hlmlInit=int, hlmlShutdown=int, hlmlDeviceGetCount=lambda: 3)
    monkeypatch.setitem(sys.modules, "pyhlml", library)
    assert survey(OPTIONS, "hpu").reported == 3
    tool = machine / "hl-smi"
    tool.write_text("#!/bin/sh\necho 0; echo 1\n")
    tool.chmod(0o755)
    assert survey(OPTIONS, "hpu").reported == 2
