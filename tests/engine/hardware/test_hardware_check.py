"""The check of a machine before training starts on cards, and the table of mode=doctor."""

import os
import re
import sys
from pathlib import Path

import pytest
from composing import accepted
from gaudi_files import write_card, write_machine
from hydra_plugins.mpi_launcher import _machine
from omegaconf import DictConfig, OmegaConf
from programs import Run

from data.errors import UserError
from engine.config import Config
from engine.hardware import device, gaudi, nvidia
from engine.hardware.findings import Finding
from engine.hardware.survey import examine, require

LAUNCHER = OmegaConf.create({"mpirun": "auto", "hostfile": None})
NO_CARD_HERE = pytest.mark.skipif(bool(_machine.visible_cards("hpu")), reason="this machine has Gaudi cards")
HABANA_STACK = {"tensorflow-cpu": "2.15.0", "habana-tensorflow": "1.14.0.493"}


def install(monkeypatch: pytest.MonkeyPatch, packages: dict[str, str]) -> None:
    """Makes it look as if these packages alone were installed."""
    for module in (device, gaudi, nvidia):
        monkeypatch.setattr(module, "package_version", lambda package: packages.get(package, ""))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty tree of files for a machine, with the packages of Habana's stack and this Python for its Python."""
    monkeypatch.setattr(_machine, "ROOT", tmp_path)
    monkeypatch.setattr(gaudi, "PYTHON", sys.version_info[:2])
    install(monkeypatch, HABANA_STACK)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path / "lib"))
    for name in ("HABANA_VISIBLE_MODULES", "CUDA_VISIBLE_DEVICES", "TF_BF16_CONVERSION"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def findings(config: Config, launcher: DictConfig = LAUNCHER) -> dict[str, Finding]:
    return {finding.part: finding for finding in examine(config.hardware, launcher)}


def refusal(config: Config) -> str:
    with pytest.raises(UserError) as error:
        require(config.hardware, LAUNCHER)
    return "\n".join((str(error.value), *error.value.remedies))


def test_a_machine_that_has_it_all_passes(machine: Path):
    write_machine(machine, 8)
    require(accepted("hardware=hpu8").hardware, LAUNCHER)
    found = findings(accepted("hardware=hpu8"))
    assert list(found) == ["python", "tensorflow", "habana", "cards", "runtime", "open mpi", "binding"]
    assert found["cards"].found == "8 Gaudi (0, 1, 2, 3, 4, 5, 6, 7), GAUDI, driver 1.14.0-12b3c4d"
    assert not any(finding.fault for finding in found.values())


@pytest.mark.parametrize(("hardware", "instead"), [("hpu1", "hardware=cpu "), ("hpu8", "hardware=cpu2 ")])
def test_without_cards_it_says_so_first_and_what_to_use(
    machine: Path, monkeypatch: pytest.MonkeyPatch, hardware: str, instead: str
):
    monkeypatch.setattr(gaudi, "PYTHON", (3, 9))
    said = refusal(accepted(f"hardware={hardware}"))
    assert said.startswith(f"hardware: {hardware}: no Gaudi card is visible")
    assert instead in said


def test_too_few_cards(machine: Path):
    write_machine(machine, 4)
    assert "needs 8 Gaudi cards, 4 are visible" in refusal(accepted("hardware=hpu8"))
    require(accepted("hardware=hpu4").hardware, LAUNCHER)


def test_cards_that_are_held(machine: Path):
    write_machine(machine, 2)
    (machine / "proc/4321/fd").mkdir(parents=True)
    (machine / "proc/4321/fd/9").symlink_to("/dev/accel/accel1")
    assert "card 1 by process 4321" in refusal(accepted("hardware=hpu2"))
    assert findings(accepted("hardware=hpu1"))["cards"].note == "held: card 1 by process 4321"


@pytest.mark.parametrize(
    ("versions", "complaint", "mend"),
    [
        ({**HABANA_STACK, "tensorflow": "2.15.0"}, "alone, and aborts with tensorflow 2.15.0", "pip uninstall"),
        ({**HABANA_STACK, "tensorflow-cpu": "2.15.1"}, "aborts with tensorflow-cpu 2.15.1", "tensorflow-cpu==2.15.0"),
        ({}, "TensorFlow is not installed", "make install"),
        ({"tensorflow-cpu": "2.15.0"}, "needs habana-tensorflow 1.14.0.493, here is none", "make install"),
        ({**HABANA_STACK, "habana-tensorflow": "1.13.0.463"}, "here is 1.13.0.463", "make install"),
    ],
)
def test_other_packages_are_refused(
    machine: Path, monkeypatch: pytest.MonkeyPatch, versions: dict[str, str], complaint: str, mend: str
):
    write_machine(machine, 1)
    install(monkeypatch, versions)
    said = refusal(accepted("hardware=hpu1"))
    assert complaint in said
    assert mend in said


def test_the_mere_name_of_tensorflow_is_no_tensorflow(machine: Path, monkeypatch: pytest.MonkeyPatch):
    write_machine(machine, 1)
    versions = {**HABANA_STACK, "tensorflow": "2.15.0+cpu"}
    install(monkeypatch, versions)
    assert findings(accepted("hardware=hpu1"))["tensorflow"].found == "tensorflow-cpu 2.15.0"
    require(accepted("hardware=hpu1").hardware, LAUNCHER)


def test_another_python_is_refused(machine: Path, monkeypatch: pytest.MonkeyPatch):
    write_machine(machine, 1)
    monkeypatch.setattr(gaudi, "PYTHON", (3, 9))
    assert "Habana's last TensorFlow is for Python 3.10, this is" in refusal(accepted("hardware=hpu1"))


def test_what_would_abort_the_module_is_refused(machine: Path):
    write_machine(machine, 1)
    (machine / "lib/libSynapse.so").unlink()
    assert "libSynapse.so is not found" in refusal(accepted("hardware=hpu1"))


def test_a_card_whose_type_cannot_be_read_is_refused(machine: Path):
    write_machine(machine, 0)
    write_card(machine, 0)
    assert "device_type cannot be read" in refusal(accepted("hardware=hpu1"))


def test_two_ways_to_bfloat16_are_refused(machine: Path, monkeypatch: pytest.MonkeyPatch):
    write_machine(machine, 1)
    monkeypatch.setenv("TF_BF16_CONVERSION", "full")
    assert "TF_BF16_CONVERSION is set beside hardware.dtype=bfloat16" in refusal(accepted("hardware=hpu1"))
    require(accepted("hardware=hpu1", "hardware.dtype=float32").hardware, LAUNCHER)


def test_a_driver_of_another_release_is_noted(machine: Path):
    write_machine(machine, 0)
    write_card(machine, 0, device_type="GAUDI", driver_ver="1.15.1-x")
    assert findings(accepted("hardware=hpu1"))["runtime"].note == "driver 1.15.1-x is not of release 1.14"


def test_no_open_mpi_stops_ranks_alone(machine: Path):
    write_machine(machine, 2)
    launcher = OmegaConf.create({"mpirun": str(machine / "mpirun"), "hostfile": None})
    assert "is not a program" in findings(accepted("hardware=hpu2"), launcher)["open mpi"].fault
    assert not findings(accepted("hardware=hpu1"), launcher)["open mpi"].fault


@pytest.mark.parametrize(
    ("hardware", "cores", "note"),
    [
        ("hpu8", 2, "too few to bind: ranks run unbound"),
        ("hpu8", 48, "6 each"),
        ("hpu2", 48, "6 each"),  # two of the machine's eight cards
        ("hpu1", 48, "unbound"),
    ],
)
def test_cores_are_shared_by_habanas_rule(
    machine: Path, monkeypatch: pytest.MonkeyPatch, hardware: str, cores: int, note: str
):
    write_machine(machine, 8)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)))
    assert findings(accepted(f"hardware={hardware}"))["binding"].note == note


def test_the_references_binding_is_handed_to_mpirun(machine: Path):
    write_machine(machine, 8)
    config = accepted("hardware=hpu8", "hardware.binding='socket:PE=4'")
    assert findings(config)["binding"].note == "--bind-to core --map-by socket:PE=4"


def test_cards_of_other_hosts_are_not_looked_for_here(machine: Path):
    (machine / "hosts").write_text("a slots=8\nb slots=8\n")
    launcher = OmegaConf.create({"mpirun": "auto", "hostfile": str(machine / "hosts")})
    config = accepted("hardware=hpu8", "hardware.processes=16", "hardware.devices=16")
    assert findings(config, launcher)["cards"].found == "those of a, b"


def test_in_a_rank_its_own_card_is_enough(machine: Path, monkeypatch: pytest.MonkeyPatch):
    write_machine(machine, 1)
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "8")
    assert list(findings(accepted("hardware=hpu8"))) == ["python", "tensorflow", "habana", "cards", "runtime"]
    require(accepted("hardware=hpu8").hardware, LAUNCHER)


def test_nvidia_cards_have_the_same_messages(machine: Path, monkeypatch: pytest.MonkeyPatch):
    versions = {"tensorflow": "2.20.0"}
    install(monkeypatch, versions)
    assert "no NVIDIA card is visible" in refusal(accepted("hardware=gpu8"))
    (machine / "dev").mkdir()
    for number in range(8):
        (machine / f"dev/nvidia{number}").touch()
    found = findings(accepted("hardware=gpu8"))
    assert found["cards"].found == "8 NVIDIA (0, 1, 2, 3, 4, 5, 6, 7)"
    assert "tensorflow[and-cuda]==2.20.0" in found["tensorflow"].note


@NO_CARD_HERE
def test_the_command_says_it_at_once_and_without_tensorflow(run: Run, tmp_path: Path):
    modules = tmp_path / "modules"
    modules.mkdir()
    for name in ("tensorflow", "habana_frameworks"):
        (modules / f"{name}.py").write_text("raise SystemExit('imported')")
    before = os.times()
    done = run("task=cleaner", "hardware=hpu8", cwd=tmp_path, PYTHONPATH=str(modules))
    after = os.times()
    seconds = sum(after[2:4]) - sum(before[2:4])  # of processors: other tests may be at work beside this one
    assert seconds < 3
    assert done.returncode == 1
    assert done.stderr.startswith("error: hardware: hpu8: no Gaudi card is visible")
    assert "hardware=cpu2" in done.stderr


@NO_CARD_HERE
def test_doctor_prints_the_check_as_a_table(run: Run, tmp_path: Path):
    done = run("mode=doctor", "hardware=hpu8", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == ""
    assert [line.split("  ")[0] for line in done.stdout.splitlines() if not line.startswith(" ")] == [
        "python",
        "tensorflow",
        "habana",
        "cards",
        "open mpi",
        "binding",
    ]
    assert "no Gaudi card is visible" in done.stdout


def test_doctor_finds_nothing_wrong_with_the_processor(run: Run, tmp_path: Path):
    done = run("mode=doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stderr == ""


PLANS = {
    "the reference's binding": (
        ("hardware=hpu8", 'hardware.binding="socket:PE=4"', "hydra.launcher.cards=8"),
        r"-np 8 .*--bind-to core --map-by (socket|package):PE=4 .*CARDS=0,1,2,3,4,5,6,7 .*KIND=hpu",
    ),
    "one card": (("hardware=hpu1", "hydra.launcher.cards=8"), r"-np 1 .*CARDS=0 .*KIND=hpu"),
    "nvidia": (("hardware=gpu8", "hydra.launcher.cards=8"), r"-np 8 .*CARDS=0,1,2,3,4,5,6,7 .*KIND=gpu"),
    "two machines": (
        ("hardware=hpu8", "hardware.processes=16", "hardware.devices=16", "hydra.launcher.hostfile=hosts"),
        r"-np 16 .*--host a:8,b:8 .*CORES=evenly",
    ),
}


@pytest.mark.parametrize(("overrides", "command"), PLANS.values(), ids=PLANS)
def test_what_would_be_started_is_shown_without_cards(
    run: Run, tmp_path: Path, overrides: tuple[str, ...], command: str
):
    (tmp_path / "hosts").write_text("a slots=8\nb slots=8\n")
    done = run(*overrides, "hydra.launcher.dry_run=true", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(command, done.stdout), done.stdout


def test_a_sweep_takes_cards_of_one_kind(run: Run, tmp_path: Path):
    overrides = ("hardware=hpu1,gpu1", "hydra.launcher.dry_run=true", "hydra.launcher.cards=8")
    done = run("-m", *overrides, cwd=tmp_path)
    assert done.returncode == 1
    assert "one sweep takes cards of one kind, not gpu and hpu" in done.stderr


@NO_CARD_HERE
def test_a_sweep_is_checked_before_its_first_trial(run: Run, tmp_path: Path):
    done = run("-m", "hardware=cpu,hpu1", "hydra.launcher.cards=8", "hydra.sweep.dir=sweep", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: hardware: hpu1: no Gaudi card is visible")
    assert not list(tmp_path.glob("sweep/*/run.json"))


@pytest.mark.parametrize(("hardware", "stops"), [("cpu", False), ("cpu2", True), ("gpu1", True)])
def test_shared_memory_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hardware: str, stops: bool):
    from hydra_plugins.mpi_launcher import _scratch

    monkeypatch.setattr(_scratch, "SHARED_MEMORY", tmp_path / "gone")
    found = findings(accepted(f"hardware={hardware}"))["shared memory"]
    said = f"{tmp_path / 'gone'} does not exist"
    assert (found.fault if stops else found.note).startswith(said)
    assert bool(found.fault) == stops
