"""The ranking of a sweep: a small program in whose groups the metric and the sweeper differ."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher.directions import direction_of_sweeper
from omegaconf import OmegaConf

PROGRAM = """\
import hydra


@hydra.main(version_base="1.3", config_path=".", config_name="config")
def main(config):
    return config.x


if __name__ == "__main__":
    main()
"""
FILES = {
    "program.py": PROGRAM,
    "config.yaml": """\
defaults:
  - task: sorts
  - recipe: plain
  - _self_
  - override hydra/launcher: mpi
x: 1
hydra:
  sweep:
    dir: sweeps/${task.name}
""",
    "task/sorts.yaml": "name: sorts\nmetric: speed\nbetter: lower\n",
    "task/finds.yaml": "name: finds\nmetric: hits\nbetter: higher\n",
    "task/finds_all.yaml": "name: finds\nmetric: hits\nbetter: higher\n",
    "recipe/plain.yaml": "{}\n",
    "recipe/sweeps.yaml": "# @package _global_\nhydra:\n  sweeper:\n    params:\n      x: 1,2\n",
}
RANKED = ("hydra.launcher.value_name=${task.metric}", "hydra.launcher.ranked_by=[task.name]")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def sweep(folder: Path, *overrides: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "program.py", "-m", *overrides]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def rows_of(folder: Path) -> list[dict[str, str]]:
    with open(folder / "leaderboard.csv") as file:
        return list(csv.DictReader(file))


def refusal(folder: Path, *overrides: str) -> str:
    done = sweep(folder, *overrides)
    assert done.returncode == 1
    assert not (folder / "sweeps").exists()
    return done.stderr.splitlines()[0]


@pytest.mark.slow
def test_folder_and_column_are_those_of_the_trials(program: Path):
    done = sweep(program, *RANKED, "task=finds,finds_all")
    assert done.returncode == 0, done.stderr
    rows = rows_of(program / "sweeps/finds")
    assert [row["task"] for row in rows] == ["finds", "finds_all"]
    assert "hits" in rows[0]
    assert not (program / "sweeps/sorts").exists()


@pytest.mark.slow
@pytest.mark.fault("a sweep over what cannot be ranked together", "one line with the overrides of each sweep, no trial")
@pytest.mark.parametrize("more", [(), ("hydra.sweeper.max_batch_size=1",), ("x=1,2",)])
def test_trials_that_cannot_be_ranked_together_are_refused_before_the_first(program: Path, more: tuple[str, ...]):
    said = refusal(program, *RANKED, "task=sorts,finds,finds_all", *more)
    assert said == (
        "task.name: sorts and finds cannot be ranked together; sweep them separately, once with task=sorts, "
        "once with task=finds,finds_all"
    )
    assert sweep(program, *RANKED, "task=finds,finds_all", *more).returncode == 0


@pytest.mark.slow
def test_the_name_of_the_value_and_its_direction_are_shared_too(program: Path):
    assert "hydra.launcher.value_name: speed and hits" in refusal(program, RANKED[0], "task=sorts,finds")
    better = "hydra.launcher.better=${task.better}"
    assert "hydra.launcher.better: lower and higher" in refusal(program, better, "task=sorts,finds")
    assert "hydra.launcher.better: lower and higher" in refusal(program, better, "task.better=lower,higher")


@pytest.mark.fault("a sweep over recipes of which one brings its own sweep", "one line that says how to run it")
def test_a_sweep_that_would_be_dropped_is_refused(program: Path):
    assert refusal(program, "recipe=plain,sweeps") == (
        "hydra.sweeper: recipe=sweeps defines a sweep of x itself, which this sweep would drop; run it alone: "
        "-m recipe=sweeps"
    )
    assert sweep(program, "recipe=sweeps").returncode == 0
    assert len(rows_of(program / "sweeps/sorts")) == 2


@pytest.mark.slow
def test_a_resumed_sweep_is_ranked_by_what_it_was(program: Path):
    assert sweep(program, *RANKED, "x=1,2").returncode == 0
    (program / "task/sorts.yaml").write_text("name: finds\nmetric: hits\n")
    done = sweep(program, *RANKED, "x=1,2", "hydra.launcher.resume=sweeps/sorts")
    assert done.returncode == 1
    assert "has trials of task.name=sorts, which cannot be ranked with those of finds" in done.stderr
    record = json.loads((program / "sweeps/sorts/jobs.json").read_text())
    assert record["ranked_by"] == {"task.name": "sorts"}


@pytest.mark.parametrize(
    ("sweeper", "direction"),
    [
        ({"direction": "maximize"}, "higher"),
        ({"direction": "minimize"}, "lower"),
        ({"direction": "higher"}, "higher"),
        ({"direction": ["maximize", "minimize"]}, "higher"),
        ({"optim": {"maximize": True}}, "higher"),
        ({"optim": {"maximize": False}}, "lower"),
        ({"ax_config": {"experiment": {"minimize": False}}}, "higher"),
        ({"ax_config": {"experiment": {"minimize": True}}}, "lower"),
        ({"max_batch_size": None, "params": {"direction": "maximize"}}, None),
        ({"direction": None}, None),
        ({"direction": []}, None),
        ({"direction": "${missing}"}, None),
    ],
)
def test_directions_of_sweepers(sweeper: dict, direction: str | None):
    assert direction_of_sweeper(OmegaConf.create(sweeper)) == direction


SWEEPER = """\
from hydra.plugins.sweeper import Sweeper
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins


class Seeker(Sweeper):
    def __init__(self, direction):
        self.direction = direction

    def setup(self, *, hydra_context, task_function, config):
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments):
        return self.launcher.launch([["x=1"], ["x=3"], ["x=2"]], 0)


ConfigStore.instance().store(
    group="hydra/sweeper",
    name="seeker",
    node={"_target_": "hydra_plugins.seeker.Seeker", "direction": "maximize"},
    provider="seeker",
)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("overrides", "best", "noted"),
    [
        ([], "3", False),
        (["hydra.sweeper.direction=minimize"], "1", False),
        (["hydra.launcher.better=higher"], "3", False),
        (["hydra.launcher.better=lower"], "1", True),
    ],
)
def test_the_ranking_follows_the_sweeper_unless_configured_otherwise(
    program: Path, overrides: list[str], best: str, noted: bool
):
    (program / "hydra_plugins").mkdir()
    (program / "hydra_plugins/seeker.py").write_text(SWEEPER)
    done = sweep(program, "hydra/sweeper=seeker", *overrides)
    assert done.returncode == 0, done.stderr
    first = rows_of(program / "sweeps/sorts")[0]
    assert (first["rank"], first["x"]) == ("1", best)
    assert (program / "sweeps/sorts/best").resolve() == Path(first["folder"])
    notes = [line for line in done.stdout.splitlines() if line.startswith("note")]
    assert len(notes) == noted
    if noted:
        assert "looks for higher values" in notes[0]
        assert "lower ones rank first" in notes[0]
