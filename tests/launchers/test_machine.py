"""Cards, who holds them and cores, read from trees of files like the kernel's."""

import os
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from gaudi_files import write_card, write_files
from hydra_plugins.mpi_launcher._device_hpu import modules_by_tool
from hydra_plugins.mpi_launcher._devices import Card
from hydra_plugins.mpi_launcher._machine import (
    cores_by_card,
    holders,
    ordered_cores,
    physical_cores,
    visible_cards,
)


@pytest.fixture(autouse=True)
def nothing_is_hidden(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HABANA_VISIBLE_MODULES", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def processors(root: Path, monkeypatch: pytest.MonkeyPatch, sockets: int, cores: int, threads: int) -> None:
    """Numbered as Linux does: the first threads of all cores, then the second ones."""
    total = sockets * cores
    for number in range(total * threads):
        core = number % total
        siblings = ",".join(str(core + thread * total) for thread in range(threads))
        values = {"physical_package_id": core // cores, "core_id": core % cores, "thread_siblings_list": siblings}
        write_files(
            root,
            {f"sys/devices/system/cpu/cpu{number}/topology/{name}": str(value) for name, value in values.items()},
        )
    for socket in range(sockets):
        mine = [number for number in range(total * threads) if number % total // cores == socket]
        write_files(root, {f"sys/devices/system/node/node{socket}/cpulist": ",".join(map(str, mine))})
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(total * threads)))


def test_no_driver_no_cards(tmp_path: Path):
    assert visible_cards("hpu", tmp_path) == visible_cards("gpu", tmp_path) == []


def test_gaudi_cards_are_numbered_by_their_modules(tmp_path: Path):
    for index, module in enumerate((3, 1, 0)):
        write_card(tmp_path, index, module_id=str(module), device_type="GAUDI2", driver_ver="1.14.0-9", numa_node="1")
    cards = visible_cards("hpu", tmp_path)
    assert [card.number for card in cards] == [0, 1, 3]
    assert cards[0] == Card(0, "/dev/accel/accel2", "GAUDI2", "1.14.0-9", 1)


def test_other_makers_accelerators_are_none_of_habanas(tmp_path: Path):
    write_card(tmp_path, 0, vendor="0x8086")
    write_card(tmp_path, 1)
    assert [card.number for card in visible_cards("hpu", tmp_path)] == [1]


def test_without_modules_in_sysfs_hl_smi_reports_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tool = tmp_path / "hl-smi"
    tool.write_text("#!/bin/sh\necho '0, 5'\necho '1, 2'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert modules_by_tool() == {0: 5, 1: 2}
    write_card(tmp_path, 0), write_card(tmp_path, 1)
    assert [(card.number, card.node) for card in visible_cards("hpu", tmp_path)] == [
        (2, "/dev/accel/accel1"),
        (5, "/dev/accel/accel0"),
    ]


def test_the_environment_hides_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for index in (0, 1, 10):
        write_card(tmp_path, index)
    monkeypatch.setenv("HABANA_VISIBLE_MODULES", "1,10")
    assert [card.number for card in visible_cards("hpu", tmp_path)] == [1, 10]
    monkeypatch.setenv("HABANA_VISIBLE_MODULES", "all")
    assert [card.number for card in visible_cards("hpu", tmp_path)] == [0, 1, 10]


def test_nvidia_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names = ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm")
    write_files(tmp_path, {f"dev/{name}": "" for name in names})
    write_files(
        tmp_path,
        {
            "proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.161.08  Mon",
            "proc/driver/nvidia/gpus/0000:3B:00.0/information": "Model: \t\t NVIDIA A100\nDevice Minor: \t 1",
            "sys/bus/pci/devices/0000:3b:00.0/numa_node": "0",
        },
    )
    first, second = visible_cards("gpu", tmp_path)
    assert first == Card(0, "/dev/nvidia0", "", "535.161.08")
    assert second == Card(1, "/dev/nvidia1", "NVIDIA A100", "535.161.08", 0)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert visible_cards("gpu", tmp_path) == [second]


def test_who_holds_a_card(tmp_path: Path):
    descriptors = tmp_path / "proc/4321/fd"
    descriptors.mkdir(parents=True)
    (descriptors / "7").symlink_to("/dev/accel/accel1")
    (descriptors / "8").symlink_to("/dev/accel/accel_controlD0")
    cards = [Card(5, "/dev/accel/accel0"), Card(2, "/dev/accel/accel1")]
    assert holders(cards, "hpu", tmp_path) == {2: 4321}


def test_this_process_holds_a_file_that_it_has_open(tmp_path: Path):
    with open(tmp_path / "card", "w") as file:
        assert holders([Card(0, file.name)], "hpu") == {0: os.getpid()}


def test_parts_of_the_cores_are_physical_cores_of_one_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    processors(tmp_path, monkeypatch, sockets=2, cores=24, threads=2)  # a DL1 instance
    cores = ordered_cores(tmp_path)
    assert cores[:4] == [0, 48, 1, 49]
    assert cores[47] == 71
    assert cores[48] == 24
    assert physical_cores(tmp_path) == 48


def test_each_card_has_cores_near_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    processors(tmp_path, monkeypatch, sockets=2, cores=24, threads=2)
    nodes = [1, 1, 1, 1, 0, 0, 0, 0]
    cards = [Card(number, f"/dev/accel/accel{number}", numa_node=node) for number, node in enumerate(nodes)]
    cores = cores_by_card(cards, tmp_path)
    shares = [cores[12 * number :][:12] for number in range(8)]
    assert sorted(core for share in shares for core in share) == list(range(96))
    for share, node in zip(shares, nodes, strict=True):
        assert {core % 48 // 24 for core in share} == {node}
        assert len({core % 48 for core in share}) == 6  # PE=6, as Habana's rule has it for a DL1


@pytest.mark.parametrize("nodes", [[-1, -1], [0, 0]])
def test_cores_that_cannot_be_near_are_shared_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nodes: list[int]
):
    processors(tmp_path, monkeypatch, sockets=2, cores=2, threads=1)
    cards = [Card(number, "", numa_node=node) for number, node in enumerate(nodes)]
    assert cores_by_card(cards, tmp_path) == [0, 1, 2, 3]
