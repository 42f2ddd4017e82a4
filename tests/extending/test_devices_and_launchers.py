"""A kind of device and a launcher option from a user's own folder, as docs/extending.md shows them."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from example_files import write_examples
from programs import REPOSITORY, Run
from small_runs import SMALL
from test_extending import fail, options, SHORT, succeed

from engine.runs.run_folder import read_metadata


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_examples(tmp_path_factory.mktemp("mine"))


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two pretended cards."""
    folder = tmp_path / "cards"
    folder.mkdir()
    for number in range(2):
        (folder / f"card{number}").touch()
    monkeypatch.setenv("PRETENDED_CARDS", str(folder))
    return folder


@pytest.mark.slow
def test_a_kind_of_device_trains_with_a_card_for_each_rank(run: Run, mine: Path, cards: Path, tmp_path: Path):
    said = succeed(run, mine, tmp_path, "hardware=pretended2", *SMALL, *SHORT, "run_dir=run")
    assert "pretended2" in said
    metadata = read_metadata(tmp_path / "run")
    assert metadata["status"] == "done"
    assert metadata["hardware"]["card"] == "PRETENDED 1"
    assert (tmp_path / "run/export/saved_model.pb").is_file()


def test_the_launcher_shows_a_rank_its_card(run: Run, mine: Path, cards: Path, tmp_path: Path):
    said = succeed(run, mine, tmp_path, "hardware=pretended2", "hydra.launcher.dry_run=true")
    assert "1 job on cards 0-1" in said
    assert "MPI_LAUNCHER_KIND=pretended_cards.PretendedCards" in said


def test_the_doctor_knows_the_device(run: Run, mine: Path, cards: Path, tmp_path: Path):
    said = succeed(run, mine, tmp_path, "mode=doctor", "hardware=pretended2")
    assert "2 pretended (0, 1), PRETENDED 1" in said
    (cards / "card1").write_text("4321")
    done = run(*options(mine), "mode=doctor", "hardware=pretended2", cwd=tmp_path, PYTHONPATH=str(mine))
    assert done.returncode == 1
    assert "card 1 by process 4321" in done.stdout


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("hardware.megahertz=50",), "hardware.megahertz: 50 is not a value that it takes (100 to 2000)"),
        (("hardware.megahertz=1500",), "hardware.megahertz: 1500 is too fast for hardware.dtype=float32 (up to 1000)"),
        (("hardware.megaherz=500",), "hardware.megaherz: no such key. Did you mean hardware.megahertz?"),
        (
            ("hardware.devices=4", "hardware.processes=4"),
            "hardware: pretended2: needs 4 pretended cards, 2 are visible",
        ),
        (
            ("hardware.device=nowhere.Cards",),
            "hydra.launcher.device_kind: nowhere.Cards cannot be imported",
        ),
    ],
)
def test_the_device_has_limits_and_errors_of_one_line(
    run: Run, mine: Path, cards: Path, tmp_path: Path, overrides: tuple[str, ...], message: str
):
    said = fail(run, mine, tmp_path, "hardware=pretended2", *overrides)
    assert said.startswith(f"error: {message}")
    assert len(said.splitlines()) <= 3


def test_the_device_is_in_the_help(run: Run, mine: Path, tmp_path: Path):
    assert "pretended2  " in succeed(run, mine, tmp_path, "--help")
    assert "# clock rate" in succeed(run, mine, tmp_path, "hardware=pretended2", "--cfg", "job")


@pytest.mark.slow
def test_a_launcher_option_is_a_field_and_the_place_that_uses_it(run: Run, mine: Path, tmp_path: Path):
    said = succeed(
        run, mine, tmp_path, "-m", "hydra/launcher=nice", "hydra.launcher.niceness=7", "seed=1,2", *SMALL, *SHORT,
        "hydra.sweep.dir=sweep",
    )  # fmt: skip
    assert "2 done" in said


PROGRAM = """\
import os

import hydra


@hydra.main(version_base="1.3", config_path=None)
def main(config):
    return os.nice(0)


main()
"""


@pytest.mark.slow
def test_jobs_run_at_the_priority_of_the_option(mine: Path, tmp_path: Path):
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "program.py", "-m", "hydra/launcher=nice", "hydra.launcher.niceness=17", "+x=1,2"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(mine), str(REPOSITORY / "launchers")])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (board,) = tmp_path.glob("multirun/*/*/leaderboard.csv")
    assert [row["value"] for row in csv.DictReader(board.read_text().splitlines())] == ["17", "17"]


def test_the_option_is_shown_with_the_others(run: Run, mine: Path, tmp_path: Path):
    shown = succeed(run, mine, tmp_path, "hydra/launcher=nice", "--cfg", "hydra")
    assert "niceness: 10" in shown
    assert "NiceLauncher" in shown


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("hydra.launcher.niceness=20", "hydra.launcher.niceness: 20 is not a value that it takes (0 to 19)"),
        ("hydra.launcher.niceness=high", "hydra.launcher.niceness: "),
        ("hydra.launcher.nicenes=1", "hydra.launcher.nicenes: "),
    ],
)
def test_the_option_has_limits_and_errors_of_one_line(
    run: Run, mine: Path, tmp_path: Path, override: str, message: str
):
    said = fail(run, mine, tmp_path, "-m", "hydra/launcher=nice", override, "seed=1,2", *SMALL)
    assert said.startswith(f"error: {message}")
    assert len(said.splitlines()) <= 3
    assert not (tmp_path / "outputs").exists()
