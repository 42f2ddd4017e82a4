"""`hydra/sweeper=study` with programs, launchers, samplers and mistakes of users."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from omegaconf import OmegaConf

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
pytestmark = pytest.mark.slow

PROGRAM = """\
import json
import math
import sys
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(config):
    got = json.dumps(OmegaConf.to_container(config, resolve=False))
    Path(HydraConfig.get().runtime.output_dir, "got.json").write_text(got)
    returned = {
        "plain": config.x,
        "diverged": math.nan,
        "infinite": math.inf,
        "nothing": None,
        "text": "good",
        "pair": [config.x, 1 - config.x],
        "dictionary": {"value": 1},
    }
    Path(HydraConfig.get().runtime.output_dir, "facts.json").write_text(json.dumps({"size": {"bytes": 3 * config.x}}))
    if config.kind == "exit":
        sys.exit(3)
    return returned[config.kind]


main()
"""
CONFIG = """\
defaults:
  - db: one
  - _self_
x: 0.5
y: 0
kind: plain
hydra:
  sweep:
    dir: sweep
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a stranger's program and its config."""
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "conf/db").mkdir(parents=True)
    (tmp_path / "conf/config.yaml").write_text(CONFIG)
    for name in ("one", "two"):
        (tmp_path / f"conf/db/{name}.yaml").write_text(f"name: {name}\n")
    return tmp_path


def sweep(folder: Path, *overrides: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "program.py", "-m", "hydra/sweeper=study", *overrides]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=dict(os.environ))


def results(folder: Path) -> Any:
    return OmegaConf.to_container(OmegaConf.load(folder / "sweep/optimization_results.yaml"))


def got(folder: Path) -> list[dict[str, Any]]:
    """Configs that the trials had, by number."""
    files = sorted(folder.glob("sweep/[0-9]*/got.json"), key=lambda file: int(file.parent.name))
    return [json.loads(file.read_text()) for file in files]


def states(folder: Path) -> list[str]:
    study = optuna.load_study(study_name="sweep", storage=f"sqlite:///{folder / 'sweep' / 'study.db'}")
    return [trial.state.name for trial in study.trials]


@pytest.mark.parametrize("launcher", ["mpi", "basic"])
def test_values_arrive_as_they_were_given(folder: Path, launcher: str):
    overrides = ("x=tag(log, interval(1e-4,1))", "y=[1,2],{a:1},null,true,'a, b',3", "db=one,two", "+z='it\\'s'")
    done = sweep(folder, f"hydra/launcher={launcher}", "hydra.sweeper.n_trials=8", *overrides)
    assert done.returncode == 0, done.stderr
    configs = got(folder)
    assert len(configs) == 8
    assert all(1e-4 <= config["x"] <= 1 for config in configs)
    given = [[1, 2], {"a": 1}, None, True, "a, b", 3]
    assert all(any(config["y"] == y and type(config["y"]) is type(y) for y in given) for config in configs)
    assert {config["db"]["name"] for config in configs} == {"one", "two"}
    assert {config["z"] for config in configs} == {"it's"}
    assert results(folder)["best_value"] == min(config["x"] for config in configs)
    assert set(results(folder)["best_params"]) == {"x", "y", "db"}


@pytest.mark.fault(
    "a trial that returns NaN, infinity, nothing, text, a dictionary or too many values",
    "it fails with a line that says so; the study continues",
)
@pytest.mark.parametrize("launcher", ["mpi", "basic"])
def test_a_value_that_cannot_be_ranked_fails_one_trial(folder: Path, launcher: str):
    odd = ("diverged", "infinite", "nothing", "text", "dictionary", "pair")
    sampler = "hydra.sweeper.sampler={_target_: optuna.samplers.GridSampler, seed: 1}"
    options = (sampler, "hydra.sweeper.n_jobs=4", "hydra.sweeper.max_failure_rate=1", f"hydra/launcher={launcher}")
    done = sweep(folder, f"kind=plain,{','.join(odd)}", "x=1", *options)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    ended = dict(zip([config["kind"] for config in got(folder)], states(folder), strict=True))
    assert ended == {"plain": "COMPLETE", **dict.fromkeys(odd, "FAIL")}
    assert (done.stdout + done.stderr).count("failed: it returned") == len(odd)
    assert results(folder)["best_value"] == 1


def test_a_study_without_any_number_ends_with_a_line(folder: Path):
    done = sweep(folder, "kind=nothing", "x=interval(0,1)", "hydra.sweeper.n_trials=20")
    assert done.returncode == 1
    assert "none of 6 trials returned a number for the study: it returned None, which is not a number" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(states(folder)) == 6


def test_programs_that_fail_end_the_sweep(folder: Path):
    done = sweep(folder, "kind=exit", "x=interval(0,1)", "hydra/launcher=mpi")
    assert done.returncode == 1
    assert "2 of 2 trials failed, more than hydra.sweeper.max_failure_rate=0.5" in done.stderr
    assert "Traceback" not in done.stderr


def test_several_objectives(folder: Path):
    overrides = ("kind=pair,plain", "x=interval(0,1)", "hydra.sweeper.direction=[lower,maximize]")
    done = sweep(folder, *overrides, "hydra.sweeper.n_trials=8")
    assert done.returncode == 0, done.stderr
    assert {tuple(solution) for solution in results(folder)["solutions"]} == {("params", "values")}
    assert all(len(solution["values"]) == 2 for solution in results(folder)["solutions"])


def test_an_objective_is_read_from_the_folder_of_the_trial(folder: Path):
    options = ("hydra/launcher=mpi", "hydra.launcher.metadata_file=facts.json", "hydra.sweeper.n_trials=2")
    done = sweep(folder, "x=interval(0,1)", "hydra.sweeper.objectives={size.bytes: lower}", *options)
    assert done.returncode == 0, done.stderr
    (best,) = results(folder)["solutions"]
    assert best["values"] == [best["params"]["x"], 3 * best["params"]["x"]]


@pytest.mark.parametrize(("better", "best"), [("higher", max), ("lower", min)])
def test_the_direction_is_that_of_the_leaderboard(folder: Path, better: str, best: Any):
    overrides = ("x=interval(0,1)", "hydra/launcher=mpi", f"hydra.launcher.better={better}", "hydra.sweeper.n_trials=4")
    done = sweep(folder, *overrides)
    assert done.returncode == 0, done.stderr
    assert results(folder)["best_value"] == best(config["x"] for config in got(folder))
    assert json.loads((folder / "sweep/best/got.json").read_text())["x"] == results(folder)["best_value"]


@pytest.mark.parametrize("sampler", ["GridSampler", "BruteForceSampler"])
def test_a_sampler_that_has_tried_everything_ends_the_sweep(folder: Path, sampler: str):
    done = sweep(folder, "x=range(0,1,0.5)", "y=a,b", f"hydra.sweeper.sampler._target_=optuna.samplers.{sampler}")
    assert done.returncode == 0, done.stderr
    tried = {(config["x"], config["y"]) for config in got(folder)}
    assert tried == {(0, "a"), (0, "b"), (0.5, "a"), (0.5, "b")}
    assert len(got(folder)) == 4


def test_a_storage_of_ones_own_gets_more_trials(folder: Path):
    overrides = ("x=interval(0,1)", "hydra.sweeper.storage=sqlite:///own.db", "hydra.sweeper.study_name=mine")
    for _ in range(2):
        done = sweep(folder, *overrides, "hydra.sweeper.n_trials=2", "hydra.sweep.dir=sweep_${now:%f}")
        assert done.returncode == 0, done.stderr
    study = optuna.load_study(study_name="mine", storage=f"sqlite:///{folder / 'own.db'}")
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 4
    refused = sweep(folder, *overrides, "hydra.sweeper.direction=higher")
    assert refused.returncode == 1
    assert "hydra.sweeper.direction: the study mine is there already and wants to minimize" in refused.stderr


@pytest.mark.parametrize("launcher", ["mpi", "basic"])
def test_a_sweep_that_starts_no_trial_is_not_in_the_way(folder: Path, launcher: str):
    for option in ("n_trials=0", "timeout_minutes=1e-9", "n_trials=1"):
        done = sweep(folder, "x=interval(0,1)", f"hydra/launcher={launcher}", f"hydra.sweeper.{option}")
        assert done.returncode == 0, done.stderr
    assert states(folder) == ["COMPLETE"]


def test_a_dry_run_asks_no_storage(folder: Path):
    overrides = ("x=interval(0,1)", "hydra.sweeper.storage=sqlite:///own.db", "hydra/launcher=mpi")
    done = sweep(folder, *overrides, "hydra.launcher.dry_run=true")
    assert done.returncode == 0, done.stderr
    assert "2 jobs" in done.stdout
    assert not (folder / "own.db").exists()


def test_a_function_may_draw_more(folder: Path):
    (folder / "drawing.py").write_text(
        'def more(config, trial):\n    trial.suggest_categorical("+z", ["a, b", None])\n'
    )
    overrides = ("x=interval(0,1)", "hydra.sweeper.custom_search_space=drawing.more", "hydra.sweeper.n_trials=4")
    done = sweep(folder, *overrides)
    assert done.returncode == 0, done.stderr
    assert {config["z"] for config in got(folder)} <= {"a, b", None}


REFUSED = {
    "x=interval(3,1)": "x=interval(3,1): ",
    "hydra.sweeper.n_jobs=-1": "hydra.sweeper.n_jobs: -1 is not a value that it takes (a whole number from 0)",
    "hydra.sweeper.max_failure_rate=2": "hydra.sweeper.max_failure_rate: 2.0 is not",
    "hydra.sweeper.direction=upward": "hydra.sweeper.direction: upward is none of lower, higher",
    "hydra.sweeper.sampler._target_=optuna.samplers.Nope": "hydra.sweeper.sampler: optuna.samplers.Nope cannot be made",
    "hydra.sweeper.sampler._target_=os.getcwd": "hydra.sweeper.sampler: ",
    "+hydra.sweeper.sampler.foo=1": "unexpected keyword argument 'foo'",
    "hydra.sweeper.sampler._target_=optuna.samplers.GridSampler": "x: a grid has choice(...) and range(...)",
    "hydra.sweeper.params=3": "hydra.sweeper.params: 3 is not of the form key: values",
    "hydra.sweeper.storage=nonsense": "hydra.sweeper.storage: nonsense cannot be used",
    "hydra.sweeper.custom_search_space=no.such": "hydra.sweeper.custom_search_space: no.such cannot be made",
    "nope=interval(0,1)": "nope",
}


def test_nonsense_is_refused_before_the_first_trial(folder: Path):
    for override, said in REFUSED.items():
        done = sweep(folder, "x=interval(0,1)", override)
        assert done.returncode == 1, override
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert not list(folder.glob("sweep/*/got.json")), override
    again = sweep(folder, "x=interval(0,1)", "hydra.sweeper.n_trials=1")  # nothing is in the way of the right overrides
    assert again.returncode == 0, again.stderr


def test_a_study_that_is_there_is_not_mixed_with_another(folder: Path):
    first = ("x=1,2", "hydra/launcher=mpi", "hydra.sweeper.n_trials=2")
    assert sweep(folder, *first).returncode == 0
    for overrides, said in {
        ("x=1,2,3", *first[1:]): "x: the study sweep is there already and chose from",
        (*first, "hydra.sweeper.direction=higher"): "the study sweep is there already and wants to minimize",
        (*first, "hydra.sweeper.study_name=other"): "is sweep, not other",
    }.items():
        refused = sweep(folder, *overrides, "hydra.launcher.resume=sweep")
        assert refused.returncode == 1
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
    basic = sweep(folder, "x=1,2")
    assert "a study is in sweep already; give another hydra.sweep.dir" in basic.stderr


LIGHT = """\
import runpy
import sys

sys.argv = ["program.py", "--info", "plugins"]
try:
    runpy.run_path("program.py", run_name="__main__")
finally:
    print("optuna" in sys.modules)
"""


def test_the_study_is_offered_without_importing_optuna(folder: Path):
    command = [sys.executable, "-c", LIGHT]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env=dict(os.environ))
    assert "StudySweeper" in done.stdout
    assert done.stdout.split()[-1] == "False"


NO_OPTUNA = """\
import importlib.metadata

real = importlib.metadata.version


def version(name):
    if name == "optuna":
        raise importlib.metadata.PackageNotFoundError(name)
    return real(name)


importlib.metadata.version = version
"""


def test_without_optuna_a_line_says_how_to_get_it(folder: Path):
    (folder / "sitecustomize.py").write_text(NO_OPTUNA)
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{os.environ['PYTHONPATH']}"}
    command = [sys.executable, "program.py", "-m", "hydra/sweeper=study", "x=interval(0,1)"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert 'Optuna, which is not installed: pip install "optuna>=4,<5"' in done.stderr
