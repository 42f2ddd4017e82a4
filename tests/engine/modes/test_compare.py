"""mode=compare on runs on disk: which it finds, how it ranks them, which keys it reports as different."""

import json
from pathlib import Path

import pytest
from composing import accepted, composed
from omegaconf import OmegaConf

from data.errors import UserError
from engine.modes.compare import compare, comparison, differing_keys, find_runs


def make_run(folder: Path, values: list[float], *overrides: str, status: str = "done", **metadata: object) -> None:
    config = composed("dataset=synthetic", f"run_dir={folder}", *overrides)
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "config.yaml").write_text(OmegaConf.to_yaml(config))
    history = [{"step": 10 * n, "seconds": 2.0 * n, "ink_f1": value} for n, value in enumerate(values, start=1)]
    (folder / "run.json").write_text(json.dumps({"status": status, "seconds": 9.0, "history": history, **metadata}))


def table(where: Path) -> list[dict[str, object]]:
    folder, runs = find_runs(str(where))
    header, rows = comparison(runs, folder, "ink_f1", True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_runs_are_ranked_by_their_best_evaluation_with_what_differs(tmp_path: Path):
    make_run(tmp_path / "a", [0.5, 0.7, 0.6], "seed=1")
    make_run(tmp_path / "b" / "0", [0.8], "seed=1", "model.learning_rate=0.5", status="interrupted")
    make_run(tmp_path / "b" / "1", [], "seed=2", status="running")
    first, second, third = table(tmp_path)
    assert (first["rank"], first["run"], first["ink_f1"], first["step"], first["status"]) == (
        1,
        "b/0",
        0.8,
        10,
        "interrupted",
    )
    assert (second["run"], second["ink_f1"], second["step"]) == ("a", 0.7, 20)
    assert (third["rank"], third["run"], third["status"]) == (None, "b/1", "interrupted")
    assert (first["model.learning_rate"], third["seed"]) == (0.5, 2)
    assert {key for key in first if "." in key} == {"model.learning_rate"}  # not where a run lies


def test_lower_is_better_where_the_task_says_so(tmp_path: Path):
    for name, value in (("a", 0.1), ("b", 0.2)):
        make_run(tmp_path / name, [value])
    folder, runs = find_runs(str(tmp_path))
    _, rows = comparison(runs, folder, "ink_f1", False)
    assert [row[1] for row in rows] == ["a", "b"]


def test_another_commit_is_a_difference(tmp_path: Path):
    for name in "ab":
        make_run(tmp_path / name, [0.1], git={"commit": name * 40})
    assert [row["commit"] for row in table(tmp_path)] == ["a" * 9, "b" * 9]


def test_repeats_count_as_one_run_with_their_mean(tmp_path: Path):
    make_run(tmp_path / "a", [0.6], repeats=[{"seed": 1}], metrics={"ink_f1": 0.55}, spread=0.05)
    make_run(tmp_path / "a" / "seed_1", [0.9])
    (row,) = table(tmp_path)
    assert (row["run"], row["ink_f1"], row["spread"]) == ("a", 0.55, 0.05)


def test_a_pattern_names_runs_and_a_broken_one_is_left_out(tmp_path: Path):
    for name in ("2026_a", "2026_b", "2025_c"):
        make_run(tmp_path / name, [0.1])
    (tmp_path / "2026_b" / "run.json").write_text("{")
    folder, runs = find_runs(str(tmp_path / "2026_*"))
    assert ([run.path.name for run in runs], folder) == (["2026_a"], tmp_path)


def test_keys_that_repeat_another_are_left_out():
    settings = [
        {"model.steps": 1, "trainer.steps": 1, "a": [1], "b": 0},
        {"model.steps": 2, "trainer.steps": 2, "b": 0},
    ]
    assert differing_keys(settings) == ["model.steps", "a"]


def test_no_runs_are_refused(tmp_path: Path):
    with pytest.raises(UserError, match="there is no run"):
        find_runs(str(tmp_path / "none"))


def compared(where: Path, *overrides: str) -> None:
    compare(accepted("mode=compare", f"runs={where}", *overrides), list(overrides))


def columns(file: Path) -> list[str]:
    return file.read_text().splitlines()[0].split(",")


def test_runs_of_two_tasks_get_a_table_each_or_the_one_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    make_run(tmp_path / "a", [0.1])
    make_run(tmp_path / "b", [], "task=detector", "dataset=synthetic", history=[{"step": 1, "seconds": 1, "AP": 0.3}])
    compared(tmp_path)
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("task=")] == [
        "task=cleaner",
        "task=detector",
    ]
    assert "ink_f1" in columns(tmp_path / "compare_cleaner.csv")
    assert "AP" in columns(tmp_path / "compare_detector.csv")
    assert (tmp_path / "compare_detector.png").is_file()
    compared(tmp_path, "task=detector", "dataset=synthetic")
    (_, row) = (tmp_path / "compare.csv").read_text().splitlines()
    assert row.startswith("1,b,0.3,1,")
    with pytest.raises(UserError, match="no run of task=detector, only of task=cleaner"):
        compared(tmp_path / "a", "task=detector", "dataset=synthetic")


def test_runs_that_were_trained_for_several_metrics_are_ranked_by_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    history = [{"step": 1, "seconds": 1, "ink_f1": 0.5, "psnr": 9.0}]
    make_run(tmp_path / "a", [], history=history)
    make_run(tmp_path / "b", [], "task.metric=psnr", history=[{**history[0], "ink_f1": 0.4, "psnr": 19.0}])
    compared(tmp_path)
    assert "ranked by ink_f1; some runs were trained for psnr" in capsys.readouterr().out
    assert [line.split(",")[:2] for line in (tmp_path / "compare.csv").read_text().splitlines()[1:]] == [
        ["1", "a"],
        ["2", "b"],
    ]
    compared(tmp_path, "task.metric=psnr")
    assert "psnr" in columns(tmp_path / "compare.csv")
    assert "note" not in capsys.readouterr().out
    assert (tmp_path / "compare.csv").read_text().splitlines()[1].startswith("1,b,")


def test_old_runs_that_were_ranked_the_wrong_way_round_are_named_and_ranked_rightly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for name, value in (("a", 0.2), ("b", 0.1)):
        history = [{"step": 1, "seconds": 1, "rmse": value}, {"step": 2, "seconds": 2, "rmse": 0.9}]
        make_run(tmp_path / name, [], "task.metric=rmse", "task.better=higher", history=history)
    compared(tmp_path)
    (note,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note")]
    said = "a, b: recorded with task.better=higher, but lower values of rmse are better, and count as such"
    assert note == f"note     {said}"
    rows = (tmp_path / "compare.csv").read_text().splitlines()
    assert [row.split(",")[1:4] for row in rows[1:]] == [["b", "0.1", "1"], ["a", "0.2", "1"]]


def test_it_writes_the_table_and_the_curves(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    make_run(tmp_path / "a", [0.5, 0.7])
    make_run(tmp_path / "b", [0.6, 0.8], "seed=7")
    compare(accepted("mode=compare", f"runs={tmp_path}"), [])
    assert (tmp_path / "compare.csv").read_text().splitlines()[1].startswith("1,b,7,0.8,20,9.0,")
    assert (tmp_path / "compare.png").read_bytes().startswith(b"\x89PNG")
    header = capsys.readouterr().out.splitlines()[0].split()
    assert header == ["rank", "run", "seed", "ink_f1", "step", "seconds", "examples_per_second", "status"]
