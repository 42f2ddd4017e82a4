"""A study without processes: what comes first, parameters that depend on others, further objectives, ends, pictures."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra.core.utils import JobReturn, JobStatus
from hydra_plugins.mpi_launcher.launcher import LaunchError

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
from hydra_plugins.optuna_study._enqueued import enqueued  # noqa: E402
from hydra_plugins.optuna_study._failures import Failures  # noqa: E402
from hydra_plugins.optuna_study._pictures import draw  # noqa: E402
from hydra_plugins.optuna_study._results import report_lines  # noqa: E402
from hydra_plugins.optuna_study._returned import NoNumber, ProgramFailed  # noqa: E402
from hydra_plugins.optuna_study._settings import settings_from  # noqa: E402
from hydra_plugins.optuna_study._source import StudySource  # noqa: E402
from hydra_plugins.optuna_study._storage import storage_in  # noqa: E402
from searches import config_of, returned, space_of, study_of  # noqa: E402

WHEN = {"net": {"unet": {"depth": "range(2,6)", "rate": "interval(0,1)"}, "flat": {"rate": "interval(10,11)"}}}


def test_parameters_belong_to_one_choice_of_another_one():
    study = study_of(space_of("net=unet,flat", "x=1", when=WHEN))
    for _ in range(20):
        overrides = dict(text.split("=") for text in study.ask().overrides)
        if overrides["net"] == "unet":
            assert list(overrides) == ["net", "x", "depth", "rate"]
            assert float(overrides["rate"]) <= 1
        else:
            assert list(overrides) == ["net", "x", "rate"]
            assert float(overrides["rate"]) >= 10
    assert study.keys == ["net", "depth", "rate"]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"nope": {}}, "hydra.sweeper.when.nope: of the form"),
        ({"net": {"other": {"a": "1,2"}}}, "hydra.sweeper.when.net.other: none of unet, flat"),
        ({"net": {"unet": {"a": "interval(3,1)"}}}, "hydra.sweeper.when.net.unet: a=interval(3,1)"),
        ({"net": {"unet": 3}}, "hydra.sweeper.when.net.unet: none of unet, flat, or without parameters"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(when: Any, said: str):
    with pytest.raises(LaunchError) as error:
        space_of("net=unet,flat", when=when)
    assert said in str(error.value)


def test_the_config_as_it_is_and_given_trials_come_first():
    space = space_of("net=unet,flat", "x=interval(0,1)", "y=[1,2],[3]", "none=null,1", when=WHEN)
    trials, notes = enqueued(["config", "x=0.25 y=[3]", "net=flat rate=10.5"], space, config_of())
    study = study_of(space)
    study.enqueue(trials)
    study.enqueue(trials)  # again, as when a study resumes
    first, second, third = (dict(text.split("=", 1) for text in study.ask().overrides) for _ in range(3))
    assert notes == []
    assert first == {"net": "unet", "x": "0.5", "y": "[1,2]", "none": "null", "depth": "3", "rate": "0.5"}
    assert (second["x"], second["y"]) == ("0.25", "[3]")
    assert (third["net"], third["rate"]) == ("flat", "10.5")
    assert len(study.trials) == 3


def test_what_is_outside_of_the_search_space_is_not_tried():
    space = space_of("x=interval(1,2)", "depth=range(1,10,2)")
    trials, notes = enqueued(["config"], space, config_of())
    assert trials == []
    assert notes == ["note     enqueue skips the config as it is: x=0.5 is not in the search space"]
    for entry, said in {"x=3": "x=3 is not in", "nope=1": "has no nope, only x, depth", "x='": "No closing"}.items():
        with pytest.raises(LaunchError, match=said):
            enqueued([entry], space, config_of())
    with pytest.raises(LaunchError, match=r"depth=2 is not in"):
        enqueued(["x=1 depth=2"], space, config_of())


def test_a_trial_that_was_cut_while_it_was_drawn_is_drawn_to_its_end(tmp_path: Path):
    space = space_of("x=interval(0,1)", "y=a,b")
    study = study_of(space, storage_in(tmp_path / "study.db"))
    study.enqueue([{"x": 0.125}])
    study.optuna_study.ask()  # and then the process is killed
    whole = study.ask()
    again = study_of(space, storage_in(tmp_path / "study.db"))
    first, second = again.running()
    assert first.number == 0
    assert first.overrides[0] == "x=0.125"
    assert (second.number, second.overrides) == (whole.number, whole.overrides)


def test_reports_come_once_and_a_pruned_trial_counts():
    study = study_of(space_of("x=interval(0,1)"), pruner={"_target_": "optuna.pruners.ThresholdPruner", "upper": 1.0})
    number = study.ask().number
    assert study.report(number, 1, 0.5) is False
    assert study.report(number, 1, 0.7) is False  # of a trial that was started again
    assert study.report(number, 2, 2.0) is True
    study.tell(number, returned(2.0), "pruned")
    (trial,) = study.trials
    assert (trial.state.name, trial.value, trial.intermediate_values) == ("PRUNED", 2.0, {1: 0.5, 2: 2.0})
    assert study.completed == 1
    assert study.best() is None


def test_numbers_of_the_metadata_are_objectives(tmp_path: Path):
    study = study_of(space_of("x=interval(0,1)"), direction="higher", objectives={"size.parameters": "lower"})
    for number, (loss, parameters) in enumerate([(0.9, 100), (0.5, 10), (0.4, 50)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps({"size": {"parameters": parameters}}))
        study.tell(study.ask().number, returned(loss, folder))
    with pytest.raises(NoNumber, match=r"its run.json has no number as size.parameters$"):
        study.tell(study.ask().number, returned(1.0, tmp_path))
    assert not study.target_reached
    best = study.best()
    assert sorted(solution["values"] for solution in best["solutions"]) == [[0.5, 10], [0.9, 100]]
    picture = draw(study.optuna_study, study.objective_names, tmp_path)
    assert picture == tmp_path / "search.png"
    lines = report_lines(study, best, picture)
    assert lines[0] == "Pareto front: 2 solutions"
    assert lines[1].split() == ["loss", "size.parameters", "x"]


def test_a_picture_shows_a_search_and_is_not_drawn_of_too_little(tmp_path: Path):
    study = study_of(space_of("x=interval(0,1)", "y=a,b"))
    assert draw(study.optuna_study, ["loss"], tmp_path) is None
    for trials in range(12):
        if trials == 2:
            assert not any(line.startswith("Importance") for line in report_lines(study, study.best(), None))
        proposal = study.ask()
        study.tell(proposal.number, returned(float(proposal.overrides[0].partition("=")[2])))
    assert draw(study.optuna_study, ["loss"], tmp_path) == tmp_path / "search.png"
    assert [file.name for file in tmp_path.iterdir()] == ["search.png"]
    (importance,) = (line for line in report_lines(study, study.best(), None) if line.startswith("Importance: "))
    assert importance.startswith("Importance: x ")


def test_a_target_and_a_time_end_a_search(capsys: pytest.CaptureFixture[str]):
    study = study_of(space_of("x=interval(0,1)"), target=0.1)
    source = StudySource(study, settings_from({"target": 0.1}), [], 10)
    number, _ = source.next_job()
    source.job_ended(number, returned(0.5), "done")
    assert not source.closed()
    number, _ = source.next_job()
    source.job_ended(number, returned(0.05), "done")
    assert source.closed()
    assert source.next_job() is None
    assert "trial 1 has reached hydra.sweeper.target=0.1" in capsys.readouterr().out
    late = StudySource(study, settings_from({"timeout_minutes": 1e-9}), [], 10)
    assert late.closed()
    assert "timeout_minutes" in capsys.readouterr().out


def test_a_search_that_had_reached_its_target_ends_what_was_cut_and_starts_no_more(capsys: pytest.CaptureFixture[str]):
    study = study_of(space_of("x=interval(0,1)"), target=0.1)
    study.tell(study.ask().number, returned(0.05))
    cut = [study.ask(), study.ask()]
    source = StudySource(study, settings_from({"target": 0.1}), cut, 7)
    assert "trial 0 has reached hydra.sweeper.target=0.1: no further trial starts" in capsys.readouterr().out
    assert source.next_job()[0] == 1
    failed = JobReturn()
    failed.status, failed.return_value = JobStatus.FAILED, ValueError("no")
    source.job_ended(1, failed, "failed")
    assert not source.closed()  # the launcher would cancel the other one
    assert source.next_job()[0] == 2
    source.job_ended(2, returned(0.5), "done")
    assert source.next_job() is None


def test_cut_trials_come_first_and_a_new_one_makes_up_for_one_that_fails():
    study = study_of(space_of("x=interval(0,1)"))
    cut = [study.ask(), study.ask()]
    source = StudySource(study, settings_from({"max_failure_rate": 1.0}), cut, 1)
    assert [source.next_job()[0] for _ in range(3)] == [0, 1, 2]
    assert source.next_job() is None
    failed = JobReturn()
    failed.status, failed.return_value = JobStatus.FAILED, ValueError("no")
    source.job_ended(0, failed, "failed")
    assert source.next_job()[0] == 3


def test_failures_end_a_sweep_when_they_are_the_rule():
    failures = Failures(0.5, lambda: 0)
    for error in (ProgramFailed("a"), None, None, ProgramFailed("b")):
        failures.note([error], at_a_time=2)
    with pytest.raises(LaunchError, match=r"3 of 5 trials failed, more than hydra\.sweeper\.max_failure_rate=0\.5: b"):
        failures.note([ProgramFailed("b")], at_a_time=2)
    for _ in range(4):
        failures.note([NoNumber("nothing")])
    with pytest.raises(LaunchError, match="none of 5 trials returned a number for the study: nothing"):
        failures.note([NoNumber("nothing")])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"timeout_minutes": -1}, "hydra.sweeper.timeout_minutes: -1 is not a value"),
        ({"target": "much"}, "hydra.sweeper.target: much is not a value"),
        ({"target": 1.0, "direction": ["lower", "lower"]}, "a search for several objectives has none"),
        ({"enqueue": 3}, "hydra.sweeper.enqueue: 3 is not a list of texts"),
        ({"objectives": {"a": "upward"}}, "hydra.sweeper.objectives: upward is none of"),
        ({"objectives": {"a": ["lower", "higher"]}}, "hydra.sweeper.objectives.a: ['lower', 'higher'] is neither"),
        (
            {"pruner": {"n_warmup_steps": 2}},
            "hydra.sweeper.pruner: {'n_warmup_steps': 2} names no class; add  _target_",
        ),
        ({"pruner": "best"}, "hydra.sweeper.pruner: best is none of"),
        ({"n_jobs": -1}, "hydra.sweeper.n_jobs: -1 is not a value that it takes (a whole number from 0)"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: Any, said: str):
    with pytest.raises(LaunchError) as error:
        settings_from(options)
    assert said in str(error.value)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path):
    file = tmp_path / "study.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE patients (name TEXT)")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(LaunchError, match="a database of another program, with a table patients"):
        storage_in(file)
    assert file.read_bytes() == before
    file.write_bytes(b"")  # made by `touch`
    storage_in(file)
