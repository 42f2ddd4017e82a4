"""A sweep through train.py: its files, its output, TensorBoard, and the comparison of its runs."""

import csv
import json
import os
from pathlib import Path

import pytest
from browser import CHROMIUM, DRIVER, tensorboard
from programs import Run
from small_runs import FEW_STEPS, SMALL_UNET, TRAINED_DETECTOR

pytestmark = pytest.mark.slow

SWEEP = ("-m", *SMALL_UNET, *FEW_STEPS, "model.learning_rate=1e-3,8e-3")
SECONDS_TO_SHOW = 90
TRIPTYCH, PAGE = (3 * 224 + 2 * 4, 224), (192, 256)
"""Width and height of the pictures of either task."""


@pytest.fixture(scope="module")
def cwd(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    done = run(*SWEEP, cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "console.txt").write_text(done.stdout)
    return folder


@pytest.fixture(scope="module")
def sweep(cwd: Path) -> Path:
    (folder,) = (cwd / "outputs" / "cleaner").iterdir()
    return folder


@pytest.fixture(scope="module")
def rows(sweep: Path) -> list[dict[str, str]]:
    with open(sweep / "leaderboard.csv") as file:
        return list(csv.DictReader(file))


def test_trials_are_named_by_what_was_swept(sweep: Path):
    names = {folder.name for folder in sweep.iterdir() if (folder / "run.json").exists()}
    assert names == {"0-learning_rate_0.001", "1-learning_rate_0.008"}


def test_the_leaderboard_ranks_by_the_metric_and_names_it(sweep: Path, rows: list[dict[str, str]]):
    columns = "rank trial model.learning_rate ink_f1 seconds attempts spread examples_per_second outcome folder"
    assert list(rows[0]) == columns.split()
    assert [row["rank"] for row in rows] == ["1", "2"]
    assert float(rows[0]["ink_f1"]) > float(rows[1]["ink_f1"])
    for row in rows:
        metadata = json.loads((Path(row["folder"]) / "run.json").read_text())
        assert float(row["ink_f1"]) == metadata["metrics"]["ink_f1"]
        assert float(row["examples_per_second"]) == metadata["examples_per_second"]


def test_the_table_is_printed(cwd: Path, rows: list[dict[str, str]]):
    lines = (cwd / "console.txt").read_text().splitlines()
    (header,) = (number for number, line in enumerate(lines) if line.startswith("rank "))
    assert lines[header].split()[:4] == ["rank", "trial", "learning_rate", "ink_f1"]
    assert [line.split()[1] for line in lines[header + 1 : header + 3]] == [row["trial"] for row in rows]


def test_the_best_export_is_linked(sweep: Path, rows: list[dict[str, str]]):
    assert (sweep / "best" / "saved_model.pb").is_file()
    assert (sweep / "best").resolve() == (Path(rows[0]["folder"]) / "export").resolve()
    assert not os.path.isabs(os.readlink(sweep / "best"))


def test_the_sweep_records_what_repeats_it(sweep: Path):
    record = json.loads((sweep / "sweep.json").read_text())
    assert "model.learning_rate=1e-3,8e-3" in record["command"]
    assert set(record["git"]) == {"commit", "dirty"}
    assert record["packages"]["hydra-core"]
    assert record["cores"]


def test_compare_prints_and_draws(run: Run, cwd: Path, sweep: Path, rows: list[dict[str, str]]):
    done = run("mode=compare", f"runs={sweep}", cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].split()[:4] == ["rank", "run", "learning_rate", "ink_f1"]
    with open(sweep / "compare.csv") as file:
        compared = list(csv.DictReader(file))
    assert [row["run"] for row in compared] == [Path(row["folder"]).name for row in rows]
    assert [row["ink_f1"] for row in compared] == [row["ink_f1"] for row in rows]
    assert (sweep / "compare.png").stat().st_size > 10_000


@pytest.fixture(scope="module")
def detector(run: Run, cwd: Path) -> Path:
    done = run(
        *TRAINED_DETECTOR,
        "trainer.train_steps=4",
        "trainer.validation_interval=4",
        "trainer.profile_steps=[2,3]",
        cwd=cwd,
    )
    assert done.returncode == 0, done.stderr
    (folder,) = (cwd / "outputs" / "detector").iterdir()
    return folder


def test_a_profile_is_written_on_request(detector: Path, sweep: Path):
    assert len(list(detector.glob("train/plugins/profile/*/*.xplane.pb"))) == 1
    assert not list(sweep.glob("**/*.xplane.pb"))


@pytest.mark.usefixtures("detector")
def test_tensorboard_shows_the_table_and_the_pictures(cwd: Path, rows: list[dict[str, str]], tmp_path: Path):
    for program in (CHROMIUM, DRIVER):
        if not os.path.exists(program):
            pytest.skip(f"no {program} here: apt install chromium chromium-driver")
    with tensorboard(cwd / "outputs", tmp_path / "profile") as page:
        page.open("hparams")
        page.until(lambda: all(Path(row["folder"]).name in page.text() for row in rows), SECONDS_TO_SHOW)
        page.save(tmp_path / "hparams.png")
        text = page.text()
        for row in rows:  # TensorBoard shows five digits
            after = text[text.index(f"{Path(row['folder']).name} of ") :].split(" of ")[1]
            assert f"{float(row['model.learning_rate']):#.5g}" in after
            assert f"{float(row['ink_f1']):#.5g}" in after
        assert "Logarithmic" in text
        assert "log10(model.learning_rate)" in text

        for size in (TRIPTYCH, PAGE):
            page.open("images&tagFilter=predictions")
            page.until(lambda size=size: page.image_sizes().count(size) >= 2, SECONDS_TO_SHOW)
