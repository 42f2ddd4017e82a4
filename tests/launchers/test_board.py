"""The display of a sweep: the table on narrow and wide screens, the varying overrides, the summary."""

import csv
import io
import json
import math
import pickle
import re
import sys
import time
import types
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import numpy as np
import pytest
from hydra_plugins.mpi_launcher._best import link_best
from hydra_plugins.mpi_launcher._board import Board, plain
from hydra_plugins.mpi_launcher._cards import Placement, Share
from hydra_plugins.mpi_launcher._config import MpiLauncherConf
from hydra_plugins.mpi_launcher._errors import headline
from hydra_plugins.mpi_launcher._job import Job, JobFiles, jsonable, Needs, State
from hydra_plugins.mpi_launcher._leaderboard import (
    best_job,
    Columns,
    FAILURES_SHOWN,
    FIRST_ROWS,
    LAST_ROWS,
    leaderboard,
    printed,
    summary,
    write_leaderboard,
)
from hydra_plugins.mpi_launcher._options import take_former_names
from hydra_plugins.mpi_launcher._scheduler import Running
from hydra_plugins.mpi_launcher.overrides import by_key, short_names, varying_keys, with_keys
from omegaconf import OmegaConf
from rich.console import Console

SHARED = ["dataset=synthetic", "dataset.writers=8", "dataset.cache_dir=/somewhere/rather/deep/in/a/tree"]
TRAINING = "train    43/60 · 223 pairs/s · loss 0.0540 · val ink F1 0.740 · 0:00:24"


def jobs(count: int = 4) -> list[Job]:
    overrides = [[*SHARED, f"seed={number}", "model.learning_rate=0.001"] for number in range(count)]
    return [Job(number, overrides[number], None, Needs(), Path(f"/sweep/{number}")) for number in range(count)]


def seen(board: Board, width: int, height: int = 24) -> list[str]:
    screen = Console(file=io.StringIO(), width=width, height=height)
    screen.print(board.picture(width, height))
    return screen.file.getvalue().splitlines()


def board_of(work: list[Job]) -> Board:
    return Board(work, "4 jobs in sweep on 2 slots", 2, varying_keys([job.overrides for job in work]))


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_keeps_its_columns_on_any_screen(width: int):
    work = jobs()
    work[0].state, work[0].attempts, work[0].started = State.RUNNING, 1, time.time() - 65
    work[1].state, work[1].error = State.FAILED, "Traceback\nsome.module.UserError: this is a long story " * 9
    work[0].placement = work[1].placement = "slot 0"
    board = board_of(work)
    process = types.SimpleNamespace(last_line=TRAINING)
    board._running = [Running(work[0], Placement("slots", (Share("", 1, (0,)),)), process, 0.0)]
    lines = seen(board, width)
    assert lines[1].split() == ["job", "state", "on", "time", "overrides", "last", "line"]
    assert lines[2].split()[:8] == ["0", "running", "slot", "0", "0:01:05", "seed=0", "train", "43/60"]
    assert "seed=1" in lines[3]
    assert "UserError: this is a" in lines[3]
    assert all(len(line) <= width for line in lines)
    assert len(lines) == 2 + len(work) + 1


def test_more_jobs_than_lines_show_those_at_work():
    work = jobs(100)
    for job in work[:50]:
        job.state, job.attempts, job.started = State.DONE, 1, 1.0
    work[50].state, work[50].started = State.RUNNING, time.time()
    lines = seen(board_of(work), 80)
    assert len(lines) <= 24
    assert sum("running" in line for line in lines[:-1]) == 1
    assert "50 done" in lines[-1]


def test_overrides_that_all_jobs_share_are_left_out():
    overrides = [job.overrides for job in jobs()]
    assert varying_keys(overrides) == ["seed"]
    assert with_keys(overrides[1], ["seed"]) == "seed=1"
    assert varying_keys([["x=1", "y=2"]]) == ["x", "y"]  # of one job all count
    assert varying_keys([["x=1"], ["x=1", "+y=2"]]) == ["y"]


def test_keys_are_shortened_to_what_is_theirs_alone():
    keys = ["model.learning_rate", "model.name", "dataset.name", "seed", "a.seed"]
    assert list(short_names(keys).values()) == ["learning_rate", "model.name", "dataset.name", "seed", "a.seed"]


@pytest.mark.parametrize("tag", ["", "[1,0]<stdout>:", "[prterun-host-12@1,0]<stdout>: "])
def test_a_line_is_shown_without_tag_colour_and_padding(tag: str):
    assert plain(f"{tag}\x1b[1mtrain    1/60\x1b[0m") == "train 1/60"


def test_an_error_is_named_without_its_module():
    assert headline("Traceback\n  at x\ndata.errors.UserError: model.x: no\n\n") == "UserError: model.x: no"
    assert headline("killed by SIGKILL") == "killed by SIGKILL"
    assert headline("killed by SIGTERM\n/sweep/.launcher/1/output.log:\ntraining\n------") == "killed by SIGTERM"
    assert headline("rank 1 of 2\nthe task ended with exit code 3\n") == "the task ended with exit code 3"
    many = "Traceback\n  at x\na.b.ValueError: first\n\nthen\na.InvalidArgumentError: Exception in layer\n\n • x=1\n"
    assert headline(many) == "InvalidArgumentError: Exception in layer"
    assert headline("ValueError: see a.b: c") == "ValueError: see a.b: c"


def test_the_summary_has_the_overrides_that_matter_and_the_command_that_repeats_the_best():
    work = jobs()
    for job in work:
        job.state, job.value = State.DONE, float(job.number)
    records = {job.number: job.record() for job in work}
    text = "\n".join(summary(Path("/sweep"), records, "lower", Columns("loss"), "python train.py", [], 1.0))
    assert re.search(r"^rank +trial +seed +loss", text, re.MULTILINE)
    assert re.search(r"^ +1 +0 +0 +0 ", text, re.MULTILINE)
    assert f"repeat   python train.py {' '.join(work[0].overrides)}" in text


def test_the_table_is_short_and_the_file_is_exact(tmp_path: Path):
    work = jobs(2)
    for job, rate in zip(work, ("0.005111023492152639", "0.25"), strict=True):
        job.state, job.value, job.overrides, job.output_dir = (
            State.DONE,
            0.5,
            [f"a.rate={rate}"],
            tmp_path / str(job.number),
        )
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "run.json").write_text('{"rates": {"images": 12.5}}')
    records = {job.number: job.record() for job in work}
    columns = Columns("loss", "run.json", ["rates.images", "missing"])
    lines = printed(records, "lower", columns)
    assert lines[0].split() == ["rank", "trial", "rate", "loss", "seconds", "images", "outcome", "folder"]
    assert lines[1].split()[2] == "0.005111"
    rows = write_leaderboard(tmp_path, records, "lower", columns).read_text().splitlines()
    assert rows[0] == "rank,trial,a.rate,loss,seconds,attempts,images,missing,outcome,folder"
    assert rows[1].startswith("1,0,0.005111023492152639,0.5,")
    assert rows[1].endswith(f",12.5,,done,{tmp_path / '0'}")


def test_one_column_shows_how_a_trial_ended(tmp_path: Path):
    work = jobs(3)
    endings = ({"outcome": "stopped early"}, {}, {"outcome": "stopped early"})
    for job, metadata, state in zip(work, endings, (State.DONE, State.DONE, State.TIMED_OUT), strict=True):
        job.state, job.value, job.output_dir = state, 0.5, tmp_path / str(job.number)
        job.output_dir.mkdir()
        (job.output_dir / "run.json").write_text(json.dumps(metadata))
    records = {job.number: job.record() for job in work}
    for metadata in ([], ["outcome"]):  # in the second, an old config has it among its columns
        header, rows = leaderboard(records, "lower", Columns("loss", "run.json", metadata, "outcome"))
        assert header.count("outcome") == 1
        assert [row[header.index("outcome")] for row in rows] == ["stopped early", "done", "timed out"]


def test_options_are_still_taken_by_their_former_names():
    options = OmegaConf.structured(MpiLauncherConf)
    assert take_former_names(options) == []
    options.facts_file, options.facts = "run.json", ["speed"]
    notes = take_former_names(options)
    assert notes[0] == "note     hydra.launcher.facts_file is now hydra.launcher.metadata_file"
    assert len(notes) == 2
    assert (options.metadata_file, list(options.metadata)) == ("run.json", ["speed"])


def test_the_best_link_moves_with_the_best_and_spares_what_is_no_link(tmp_path: Path):
    for number in "01":
        (tmp_path / number / "export").mkdir(parents=True)
    for number in "01":
        link = link_best(tmp_path, {"folder": str(tmp_path / number)}, "export")
        assert link is not None
        assert link.resolve() == tmp_path / number / "export"
    assert link_best(tmp_path, {"folder": str(tmp_path / "1")}, "nothing") is None
    assert not (tmp_path / "best").is_symlink()  # it would show what was the best before
    (tmp_path / "best").symlink_to("/usr")
    assert link_best(tmp_path, {"folder": str(tmp_path / "1")}, "nothing") is None
    (tmp_path / "best").unlink()  # a link of another's making stays
    (tmp_path / "best").mkdir()
    assert link_best(tmp_path, {"folder": str(tmp_path / "1")}, "export") is None


def test_many_failures_do_not_flood_the_summary():
    work = jobs(30)
    for job in work:
        job.state, job.error = State.FAILED, "ValueError: no"
    records = {job.number: job.record() for job in work}
    lines = summary(Path("/sweep"), records, "lower", Columns(), "python train.py", [], 1.0)
    assert sum("ValueError" in line for line in lines) == FAILURES_SHOWN
    assert any("and 20 more, see /sweep/jobs.json" in line for line in lines)


def test_a_long_ranking_shows_its_first_and_last_rows():
    lines = printed(values(*range(100)), "lower", Columns("loss"))
    assert len(lines) == 1 + FIRST_ROWS + 1 + LAST_ROWS
    assert [line.split()[1] for line in lines[1 : 1 + FIRST_ROWS]] == [str(number) for number in range(FIRST_ROWS)]
    assert lines[1 + FIRST_ROWS] == "... 80 more ..."
    assert lines[-1].split()[:2] == ["100", "99"]
    assert len(printed(values(*range(21)), "lower", Columns("loss"))) == 22  # one more is shown as it is


def test_jobs_that_were_given_up_are_below_the_ranked_ones():
    records = values(3.0, 1.0, 2.0, 4.0)
    records[1]["state"], records[3]["state"] = State.PRUNED.value, State.FAILED.value
    header, rows = leaderboard(records, "lower", Columns("loss"))
    found = [(row[0], row[1], row[header.index("loss")], row[header.index("outcome")]) for row in rows]
    assert found == [(1, 2, 2.0, "done"), (2, 0, 3.0, "done"), (None, 1, 1.0, "pruned"), (None, 3, None, "failed")]
    assert best_job(records, "lower")["overrides"] == ["x=2"]


def test_the_best_so_far_is_shown_with_what_distinguishes_it(capsys: pytest.CaptureFixture[str]):
    work = jobs()
    board = Board(work, "jobs in sweep", 2, ["seed"], "higher", lambda: 6)
    for job, value in zip(work, (0.5, 0.25, 0.75, math.nan), strict=True):
        job.state, job.value, job.attempts, job.started, job.seconds = State.DONE, value, 1, time.time() - 60, 60.0
        board.changed(job)
    best = [line for line in capsys.readouterr().out.splitlines() if line.startswith("best")]
    assert len(best) == 2
    assert best[1].startswith("best     0.75 by job 2: seed=2 · ")
    assert best[1].endswith("of 10 jobs · about 0:03:30 to go")
    assert any(line.startswith("best     0.75 by job 2: seed=2") for line in seen(board, 120))


def test_the_exception_of_a_job_imports_nothing_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    files = JobFiles(tmp_path, 0)
    files.make()
    files.error(0).write_text("ValueError: known\n")
    files.exception(0).write_bytes(pickle.dumps(ValueError("known")))
    assert str(files.first_exception()) == "known"
    module = types.ModuleType("heavy_library")
    module.HeavyError = type("HeavyError", (Exception,), {"__module__": "heavy_library"})
    monkeypatch.setitem(sys.modules, "heavy_library", module)
    files.exception(0).write_bytes(pickle.dumps(module.HeavyError("unknown")))
    monkeypatch.delitem(sys.modules, "heavy_library")
    assert files.first_exception() is None


def values(*returned: object) -> dict[int, dict]:
    work = [Job(number, [f"x={number}"], None, Needs(), Path(f"/s/{number}")) for number in range(len(returned))]
    for job, value in zip(work, returned, strict=True):
        job.state, job.value = State.DONE, jsonable(value)
    return {job.number: json.loads(json.dumps(job.record())) for job in work}


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_only_finite_numbers_of_done_jobs_have_a_rank(better: str):
    odd = [math.nan, None, "good", "0.5", np.bool_(True), {"loss": 1}, [], [[1], 2], 10**400, math.inf, -math.inf]
    records = values(*odd, 2, (np.float32(1), 99), 2.0)
    records[len(odd)]["state"] = State.FAILED.value
    _, rows = leaderboard(records, better, Columns("loss"))
    ranked = [(row[0], row[1]) for row in rows if row[0] is not None]
    order = [13, 12] if better == "higher" else [12, 13]
    assert ranked == [(1, order[0]), (2, order[1])]
    assert [row[1] for row in rows[2:]] == list(range(12))
    assert best_job(records, better)["overrides"] == [f"x={order[0]}"]
    assert best_job(values(*odd), better) is None
    lines = printed(values("two\nlines", "a" * 999), better, Columns("loss"))
    assert "two lines" in lines[1]
    assert len(lines[2]) < 200


def test_equal_values_are_ordered_by_the_number_of_the_trial():
    for better in ("lower", "higher"):
        _, rows = leaderboard(values(1, 0.5, 1.0, 1), better, Columns())
        assert [row[1] for row in rows if row[3] == 1] == [0, 2, 3]


@pytest.mark.parametrize("name", ["val.loss", "Größe, 50 %", "rank", "seconds", "x", "", "two\nlines"])
def test_any_name_of_the_value_is_a_column_of_its_own(name: str, tmp_path: Path):
    records = values(2, 1)
    file = write_leaderboard(tmp_path, records, "lower", Columns(name))
    with open(file, newline="") as text:
        first, _ = csv.DictReader(text)
    assert len(first) == 8
    assert (first["rank"], first["trial"], first["x"]) == ("1", "1", "1")
    assert list(first.values())[3] == "1"
    assert len(printed(records, "lower", Columns(name))) == 3


def test_overrides_are_read_by_hydras_grammar():
    overrides = ["++model.rate=0.1", "a='x=1, y'", 'b="it\'s"', "~c", "d=[1,'2']"]
    assert by_key(overrides) == {"model.rate": "0.1", "a": "x=1, y", "b": "it's", "c": "", "d": "[1,'2']"}
