"""Returned values of trials as numbers for a study."""

import decimal
import math

import mpi_programs  # noqa: F401 - puts the launcher on the path
import numpy as np
import pytest
from hydra.core.utils import JobReturn, JobStatus
from hydra_plugins.mpi_launcher._errors import JobFailed
from hydra_plugins.mpi_launcher._job import first_number, jsonable
from hydra_plugins.optuna_study._returned import NoNumber, objective_values, ProgramFailed
from omegaconf import OmegaConf


def result(value: object, status: JobStatus = JobStatus.COMPLETED) -> JobReturn:
    return JobReturn(_return_value=value, status=status)


@pytest.mark.parametrize(
    "value",
    [1, 1.0, np.float32(1), np.int64(1), np.array(1.0), np.array([1.0]), [1], (1,), decimal.Decimal(1)],
    ids=repr,
)
def test_what_counts_as_a_number(value: object):
    assert objective_values(result(value), 1) == [1.0]


@pytest.mark.parametrize(
    "value",
    [1, True, np.bool_(True), [True], np.array([1.0]), np.array(1.0), OmegaConf.create([1, 2]), np.array([1, 2]), b"1"],
    ids=repr,
)
def test_the_leaderboard_ranks_what_the_study_takes(value: object):
    try:
        taken = objective_values(result(value), 2 if len(np.shape(value)) and np.size(value) == 2 else 1)[0]
    except NoNumber:
        taken = None
    assert first_number(jsonable(value)) == taken


@pytest.mark.parametrize("value", [(1, 2), [1, 2.0], np.array([1, 2]), OmegaConf.create([1, 2])], ids=repr)
def test_several_objectives(value: object):
    assert objective_values(result(value), 2) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (math.nan, "it returned nan, which is not finite"),
        (np.float32("nan"), "not finite"),
        (math.inf, "it returned inf, which is not finite"),
        (-math.inf, "it returned -inf, which is not finite"),
        (None, "it returned None, which is not a number"),
        ("good", "it returned 'good', which is not a number"),
        ("0.5", "not a number"),
        (b"1", "not a number"),
        ({"accuracy": 1}, "not a number"),
        (Exception(), "not a number"),
        (1j, "not a number"),
        (True, "it returned True, which is not a number"),
        (np.bool_(True), "not a number"),
        ([False], "it returned [False], which is not a number"),
        (10**400, "not a number"),
        ([], "it returned [], where the study has one objective"),
        ([1, 2], "it returned [1, 2], where the study has one objective"),
        (np.ones(50), "where the study has one objective"),
    ],
    ids=repr,
)
def test_what_does_not_is_said_in_one_line(value: object, said: str):
    with pytest.raises(NoNumber) as caught:
        objective_values(result(value), 1)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    "value", [1.0, [1], [1, 2, 3], None, "ab", {"a": 1, "b": 2}, [1, math.nan], [1, None]], ids=repr
)
def test_of_two_objectives_both_are_needed(value: object):
    with pytest.raises(NoNumber):
        objective_values(result(value), 2)


def test_a_program_that_failed():
    with pytest.raises(ProgramFailed, match=r"^ValueError: not this one$"):
        objective_values(result(ValueError("not this one\nat all"), JobStatus.FAILED), 1)
    said = "job 2 failed: the task ended with exit code 3\n/sweep/2\n"
    with pytest.raises(ProgramFailed, match=r"^job 2 failed: the task ended with exit code 3$"):
        objective_values(result(JobFailed(said), JobStatus.FAILED), 1)
