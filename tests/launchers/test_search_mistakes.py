"""What users of other sweepers write and do: a study without processes that reads it, or refuses it in one line."""

from pathlib import Path
from typing import Any

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra.core.utils import JobReturn, JobStatus
from hydra_plugins.mpi_launcher.launcher import LaunchError

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
from hydra_plugins.optuna_study._enqueued import enqueued  # noqa: E402
from hydra_plugins.optuna_study._jobs import check_belongs_together, note_of_unknown  # noqa: E402
from hydra_plugins.optuna_study._search_space import search_space  # noqa: E402
from hydra_plugins.optuna_study._settings import settings_from  # noqa: E402
from hydra_plugins.optuna_study._source import StudySource  # noqa: E402
from hydra_plugins.optuna_study._storage import storage_in  # noqa: E402
from hydra_plugins.optuna_study._study import SweepStudy  # noqa: E402
from searches import config_of, returned, space_of, study_of  # noqa: E402


def test_given_trials_are_read_as_hydra_reads_overrides():
    space = space_of("x=interval(0,1)", "y=[1,2],[3],[a,'b c'],{a:1,b:2}", "on=true,false", "none=null,1")
    entries = ["on=true y=[1, 2] x=1e-1", "y='{a: 1, b: 2}' on=False none=null", "y=[a,'b c']"]
    trials, _ = enqueued(entries, space, config_of())
    study = study_of(space)
    study.enqueue(trials)
    first, second, third = (dict(text.split("=", 1) for text in study.ask().overrides) for _ in range(3))
    assert (first["on"], first["y"], first["x"]) == ("True", "[1,2]", "0.1")
    assert (second["on"], second["y"], second["none"]) == ("False", "{a:1,b:2}", "null")
    assert third["y"] == "[a,'b c']"


def test_an_infinite_number_in_the_config_is_not_tried():
    trials, notes = enqueued(["config"], space_of("x=int(interval(1,5))"), config_of(x=float("inf")))
    assert trials == []
    assert notes == ["note     enqueue skips the config as it is: x=inf is not in the search space"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (
            {"model": {"rate": "interval(0,1)"}},
            "hydra.sweeper.params.model: interval(0,1) is not read inside of a dictionary; write  model.rate: interval",
        ),
        ({"x": ["choice(1,2)"]}, "hydra.sweeper.params.x: choice(1,2) is not read inside of a list; give a key of"),
        ({"a": {"b": [{"c": "tag(log, interval(1,2))"}]}}, "write  a.b.c: tag(log, interval(1,2))"),
    ],
)
def test_ranges_in_lists_and_dictionaries_are_refused(params: Any, said: str):
    with pytest.raises(LaunchError) as error:
        search_space(params, {}, [], None)
    assert said in str(error.value)


def test_other_values_in_lists_and_dictionaries_stay():
    space = search_space({"x": [1, 2], "y": {"a": "interval"}, "z": "interval(0,1)"}, {}, [], None)
    assert space.fixed == ["x=[1,2]", "y={a:interval}"]


def test_a_search_space_with_more_parameters_leaves_interrupted_trials_as_they_are(tmp_path: Path):
    study = study_of(space_of("x=interval(0,1)"), storage_in(tmp_path / "study.db"))
    cut = study.ask()
    wider = study_of(space_of("x=interval(0,1)", "y=1,2"), storage_in(tmp_path / "study.db"))
    with pytest.raises(LaunchError, match=r"y: the study sweep is there already, and its trial 0, which was interr"):
        wider.running(started={0})
    again = study_of(space_of("x=interval(0,1)"), storage_in(tmp_path / "study.db"))
    assert again.running(started={0}) == [cut]


@pytest.mark.parametrize("sampler", ["GridSampler", "BruteForceSampler"])
def test_what_failed_of_all_combinations_is_tried_again(tmp_path: Path, sampler: str):
    options: Any = {"sampler": {"_target_": f"optuna.samplers.{sampler}"}, "max_failure_rate": 1.0}

    def resumed() -> tuple[SweepStudy, StudySource]:
        study = study_of(space_of("x=1,2,3,4,5"), storage_in(tmp_path / "study.db"), **options)
        study.enqueue_failed()
        return study, StudySource(study, settings_from(options), [], 5 - study.completed)

    failed = JobReturn()
    failed.status, failed.return_value = JobStatus.FAILED, ValueError("no")
    study, source = resumed()
    while job := source.next_job():
        bad = job[1] in (["x=2"], ["x=4"])
        source.job_ended(job[0], failed if bad else returned(1.0), "failed" if bad else "done")
    for _ in range(2):
        study, source = resumed()
        while job := source.next_job():
            source.job_ended(job[0], returned(2.0), "done")
    done = sorted(trial.params["x"] for trial in study.trials if trial.state.name == "COMPLETE")
    assert done == [1, 2, 3, 4, 5]
    assert len(study.trials) == 7


@pytest.mark.parametrize(
    "pruner",
    [
        {"_target_": "optuna.pruners.HyperbandPruner", "reduction_factor": 1},
        {"_target_": "optuna.pruners.PatientPruner", "patience": 1, "wrapped_pruner": "median"},
    ],
    ids=["hyperband", "patient"],
)
def test_a_pruner_that_fails_is_named(pruner: Any):
    options: Any = {"pruner": pruner}
    study = study_of(space_of("x=interval(0,1)"), **options)

    def trials() -> None:
        for _ in range(4):
            number = study.ask().number
            for step in range(1, 9):
                study.report(number, step, float(step))
            study.tell(number, returned(1.0))

    with pytest.raises(LaunchError, match=r"^hydra.sweeper.pruner: \w+Error: "):
        trials()


@pytest.mark.parametrize("trials", [0, 2])
def test_jobs_are_not_resumed_with_a_study_that_lacks_them(tmp_path: Path, trials: int):
    check_belongs_together(tmp_path / "study.db", trials, range(trials))
    with pytest.raises(LaunchError, match=f"but jobs.json beside it has job {trials}; restore the file, or start"):
        check_belongs_together(tmp_path / "study.db", trials, range(trials + 1))


def test_trials_that_the_launcher_does_not_know_are_noted():
    study = study_of(space_of("x=interval(0,1)"))
    for _ in range(3):
        study.tell(study.ask().number, returned(1.0))
    study.ask()
    assert note_of_unknown(study.trials, {0, 1, 2}) == ""
    assert note_of_unknown(study.trials, {0}).startswith("note     jobs.json lacks 2 trials of study.db, such as 1;")
