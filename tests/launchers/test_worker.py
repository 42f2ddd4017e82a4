"""The cores and the card that a rank takes."""

import os
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher import _machine, _worker
from hydra_plugins.mpi_launcher._worker import CARDS, CORES, EVENLY, KIND, take_share

NAMES = ("HABANA_VISIBLE_MODULES", "HLS_MODULE_ID", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Environment and cores of a rank that takes nothing in truth; the cores that it would have."""
    for name in (*NAMES, CARDS, CORES, KIND):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    bound: list[list[int]] = []
    monkeypatch.setattr("os.sched_setaffinity", lambda _, cores: bound.append(sorted(cores)))
    return bound


def given(monkeypatch: pytest.MonkeyPatch, ranks: int, **variables: str) -> None:
    monkeypatch.setenv("OMPI_COMM_WORLD_LOCAL_SIZE", str(ranks))
    for name, value in variables.items():
        monkeypatch.setenv(getattr(_worker, name), value)


def seen() -> dict[str, str]:
    return {name: os.environ[name] for name in NAMES if name in os.environ}


def test_a_rank_is_shown_its_gaudi_card(taken: list[list[int]], monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, 4, CARDS="4,5,6,7", KIND="hpu")
    take_share(2)
    assert seen() == {"HABANA_VISIBLE_MODULES": "4,5,6,7", "HLS_MODULE_ID": "6"}


def test_a_rank_is_shown_its_nvidia_card_alone(taken: list[list[int]], monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, 4, CARDS="4,5,6,7", KIND="gpu")
    take_share(2)
    assert seen() == {"CUDA_VISIBLE_DEVICES": "6", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def test_one_rank_has_all_the_cards_of_its_job(taken: list[list[int]], monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, 1, CARDS="2,3", KIND="gpu")
    take_share(0)
    assert seen()["CUDA_VISIBLE_DEVICES"] == "2,3"


def test_a_rank_takes_the_cores_that_it_is_given(taken: list[list[int]], monkeypatch: pytest.MonkeyPatch):
    given(monkeypatch, 2, CORES="0,48;1,49")
    take_share(1)
    assert taken == [[1, 49]]


@pytest.mark.parametrize(("ranks", "expected"), [(4, [[2, 3]]), (3, [[2, 3]]), (16, [])])
def test_on_other_hosts_ranks_share_the_cores_there_are(
    tmp_path: Path, taken: list[list[int]], monkeypatch: pytest.MonkeyPatch, ranks: int, expected: list[list[int]]
):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr(_machine, "ROOT", tmp_path)
    given(monkeypatch, ranks, CORES=EVENLY)
    take_share(1)
    assert taken == expected
