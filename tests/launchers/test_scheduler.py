"""Packing, simulated without processes."""

from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
from hydra_plugins.mpi_launcher._cards import Pool
from hydra_plugins.mpi_launcher._job import Job, Needs, State
from hydra_plugins.mpi_launcher._plan import plan
from hydra_plugins.mpi_launcher._scheduler import Rules, Scheduler


def jobs(*sizes: int, durations: tuple[float, ...] | None = None) -> list[Job]:
    durations = durations or (0.0,) * len(sizes)
    return [
        Job(number, [], None, Needs(size, size, duration=duration), Path())
        for number, (size, duration) in enumerate(zip(sizes, durations, strict=True))
    ]


def pools(cards: int = 8) -> dict[str, Pool]:
    return {"cards": Pool("cards", {"": range(cards)}, aligned=True), "slots": Pool("slots", {"": range(2)})}


class Done:
    """A process that ends when looked at for the n-th time."""

    last_line = ""

    def __init__(self, looks: int, code: int = 0) -> None:
        self.looks, self.code, self.asked, self.killed = looks, code, 0, 0
        self.silent = self.worked = 0.0

    def worked_seconds(self) -> float:
        return self.worked

    def silent_seconds(self) -> float:
        return self.silent

    def ended(self) -> int | None:
        self.looks -= 1
        return self.code if self.looks <= 0 else None

    def ask_to_end(self) -> None:
        self.asked += 1
        self.looks, self.code = 0, 143

    def kill(self) -> None:
        self.killed += 1


def play(
    work: list[Job], codes: dict[int, list[int]] | None = None, rules: Rules | None = None
) -> list[tuple[int, str]]:
    """Runs jobs on eight cards; returns every change of state."""
    history: list[tuple[int, str]] = []
    codes = codes or {}

    def finish(job: Job, code: int) -> None:
        job.state = State.DONE if code == 0 else State.FAILED
        job.error = "" if code == 0 else f"code {code}"

    def start(job: Job, placement) -> Done:
        return Done(2, codes[job.number].pop(0) if codes.get(job.number) else 0)

    scheduler = Scheduler(
        work, pools(), start, finish, rules or Rules(), lambda job: history.append((job.number, job.state.value))
    )
    assert scheduler.run() is None
    return history


def test_the_largest_that_fits_starts_first_and_small_ones_fill_the_rest():
    history = play(jobs(1, 2, 4, 4, 1))
    assert [number for number, state in history if state == "running"] == [2, 3, 1, 0, 4]


def test_no_card_waits_while_a_job_that_fits_waits():
    work = jobs(8, 1)
    history = play(work)
    assert history == [(0, "running"), (0, "done"), (1, "running"), (1, "done")]
    assert all(job.state == State.DONE for job in work)


def test_of_equal_size_the_longest_starts_first():
    planned = plan(jobs(8, 8, 8, durations=(1.0, 3.0, 2.0)), pools())
    assert [entry.job.number for entry in planned] == [1, 2, 0]


def test_a_failed_job_harms_no_other():
    work = jobs(8, 8, 8)
    play(work, {1: [1]})
    assert [job.state for job in work] == [State.DONE, State.FAILED, State.DONE]


def test_a_failed_job_is_tried_again_as_often_as_allowed():
    work = jobs(1, 1)
    history = play(work, {0: [1, 1], 1: [1, 1, 1]}, Rules(retries=2))
    assert [job.state for job in work] == [State.DONE, State.FAILED]
    assert [job.attempts for job in work] == [3, 3]
    assert history.count((0, "queued")) == 2


def test_on_failure_stop_cancels_what_is_left():
    work = jobs(4, 4, 4)
    play(work, {0: [1]}, Rules(on_failure="stop"))
    assert work[0].state == State.FAILED
    assert {work[1].state, work[2].state} <= {State.DONE, State.CANCELLED}
    assert work[2].state == State.CANCELLED


def test_a_job_that_falls_silent_is_killed_and_tried_again():
    work, started = jobs(8), []

    def start(job: Job, placement) -> Done:
        process = Done(looks=3)
        process.silent, process.code = (61.0, 137) if not started else (59.0, 0)
        started.append(process)
        return process

    def finish(job: Job, code: int) -> None:
        job.state, job.error = (State.DONE, "") if code == 0 else (State.FAILED, f"code {code}")

    errors = []
    rules = Rules(retries=1, stall_minutes=1)
    Scheduler(work, pools(), start, finish, rules, lambda job: errors.append(job.error)).run()
    assert [process.killed for process in started] == [1, 0]
    assert "killed: no rank printed anything for stall_minutes=1\ncode 137" in errors
    assert work[0].state == State.DONE


def test_a_job_that_cannot_be_started_says_why_and_harms_no_other():
    work = jobs(8, 8)

    def start(job: Job, placement) -> Done:
        if job.number == 0:
            raise OSError("no space left")
        return Done(1)

    def finish(job: Job, code: int) -> None:
        job.state = State.DONE

    Scheduler(work, pools(), start, finish, Rules(), lambda job: None).run()
    assert [job.state for job in work] == [State.FAILED, State.DONE]
    assert work[0].error == "cannot be started: no space left"


def test_the_plan_says_what_waits_for_what():
    planned = {entry.job.number: entry for entry in plan(jobs(8, 4, 4, 1), pools())}
    assert planned[0].after == ()
    assert str(planned[0].placement) == "cards 0-7"
    assert planned[1].after == planned[2].after == (0,)
    assert planned[1].wave == 1
    assert planned[3].wave == 2


def test_a_plan_leaves_the_pools_as_they_were():
    both = pools()
    plan(jobs(8, 4), both)
    assert both["cards"].take(8, 8) is not None
