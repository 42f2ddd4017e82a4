"""mode=extract: a folder of odd scans, a second run, other options, an interruption, files of the user."""

import csv
import json
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from composing import accepted
from PIL import Image
from programs import Run, Start
from small_runs import SMALL_DETECTOR

from data.drawn_pages import draw_page
from data.own_files import is_own_picture

pytestmark = pytest.mark.slow

LOW = ("mode=extract", "extract.score=0", "extract.output=out")
"""Takes all that a detector says which has learned nothing."""


def signed_page(number: int) -> Image.Image:
    return Image.fromarray(draw_page(9, number).pixels)


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export with random weights: its boxes mean nothing, and there are many of every class."""
    import tensorflow as tf

    from models.detector.export import export_detector

    model = accepted(*SMALL_DETECTOR).model
    network = model.build()
    for number, weight in enumerate(network.trainable_weights):
        weight.assign_add(0.03 * tf.random.stateless_normal(weight.shape, [1, number]))
    place = tmp_path_factory.mktemp("detector")
    checkpoint = tf.train.Checkpoint(model=network).write(str(place / "weights"))
    export_detector(model, checkpoint, place / "model")
    return place / "model"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `scans` in it: names with spaces, a folder in it, many pages, broken and other files."""
    cwd = tmp_path_factory.mktemp("extract")
    scans = cwd / "my scans"
    (scans / "2024").mkdir(parents=True)
    pages = [signed_page(number) for number in range(4)]
    pages[0].save(scans / "a letter (1).png", dpi=(150, 150))
    pages[1].convert("RGB").save(scans / "2024" / "letter.jpg")
    pages[2].save(scans / "lease.pdf", "PDF", save_all=True, append_images=[pages[3], pages[0]], resolution=150)
    Image.fromarray(np.full((300, 200), 255, np.uint8)).save(scans / "blank.png")
    (scans / "broken.png").write_bytes(b"no picture")
    (scans / "notes.txt").write_text("no picture either")
    return cwd


@pytest.fixture(scope="module")
def options(detector: Path, cache_dir: Path) -> tuple[str, ...]:
    return (*LOW, "extract.input=my scans", f"extract.detector={detector}", f"dataset.cache_dir={cache_dir}")


@pytest.fixture(scope="module")
def first(run: Run, folder: Path, options: tuple[str, ...]) -> str:
    """What the first command prints."""
    result = run(*options, cwd=folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout


def listed(folder: Path) -> dict:
    return json.loads((folder / "out/signatures.json").read_text())


def test_what_is_found_is_listed_cut_out_and_drawn(folder: Path, first: str):
    content = listed(folder)
    assert [(entry["file"], entry["page"]) for entry in content["pages"]] == [
        *(("2024/letter.jpg", 1), ("a letter (1).png", 1), ("blank.png", 1)),
        *(("lease.pdf", number) for number in (1, 2, 3)),
    ]
    assert [entry["file"] for entry in content["skipped"]] == ["broken.png"]
    assert {entry["class"] for entry in content["signatures"]} - {"redaction"}, "nothing to cut out"
    sizes = {(entry["file"], entry["page"]): (entry["width"], entry["height"]) for entry in content["pages"]}
    for entry in content["signatures"]:
        width, height = sizes[entry["file"], entry["page"]]
        left, top, right, bottom = entry["box"]
        assert -1 <= left < right <= width + 1
        assert -1 <= top < bottom <= height + 1
        assert (entry["box_points"] is None) == (entry["file"] == "2024/letter.jpg")
        if entry["box_points"]:
            np.testing.assert_allclose(entry["box_points"], np.array(entry["box"]) * 72 / _dpi(entry), atol=0.6)
        names = [entry.get(name) for name in ("found", "cleaned", "transparent")]
        assert all(names) == (entry["class"] != "redaction")
        for name in filter(None, names):
            assert is_own_picture(folder / "out" / name)
    for entry in content["pages"]:
        assert is_own_picture(folder / "out" / entry["overview"])
    assert is_own_picture(folder / "out/contact_sheet.png")


def _dpi(entry: dict) -> float:
    return 200 if entry["file"].endswith(".pdf") else 150


def test_a_cut_out_is_the_part_of_the_page(folder: Path, first: str):
    page = np.asarray(Image.open(folder / "my scans" / "a letter (1).png"))
    cut_outs = [e for e in listed(folder)["signatures"] if e["file"].startswith("a letter") and e.get("found")]
    cut_outs = [
        entry for entry in cut_outs if entry["box"][3] - entry["box"][1] > 16 and entry["box"][0] < page.shape[1] - 8
    ]  # smaller ones, and slivers at the edge, get more around them
    assert cut_outs
    for entry in cut_outs:
        picture = np.asarray(Image.open(folder / "out" / entry["found"]))
        left, top, _, bottom = entry["box"]
        around = 0.15 * (bottom - top)
        rows, columns = (max(0, int(np.floor(side - around))) for side in (top, left))
        shown = page[rows : rows + picture.shape[0], columns : columns + picture.shape[1]]
        assert np.mean(shown != picture) < 0.02
        with Image.open(folder / "out" / entry["transparent"]) as transparent:
            assert transparent.mode == "RGBA"
            assert transparent.size == picture.shape[::-1]


def test_the_table_says_the_same(folder: Path, first: str):
    with open(folder / "out/signatures.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    entries = listed(folder)["signatures"]
    assert [(row["file"], int(row["page"]), row["class"]) for row in rows] == [
        (entry["file"], entry["page"], entry["class"]) for entry in entries
    ]
    assert [float(row["left"]) for row in rows] == [entry["box"][0] for entry in entries]


def test_the_console_reports_what_was_done(first: str):
    assert "the pretrained cleaner" in first
    assert "skipped  broken.png: not a readable image" in first
    assert "notes.txt" in first
    assert "on 6 pages of 4 files" in first


def test_a_second_run_does_nothing_again(run: Run, folder: Path, first: str, options: tuple[str, ...]):
    before = {path: path.stat().st_mtime_ns for path in (folder / "out").glob("*/*.png")}
    content = listed(folder)
    result = run(*options, cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "4 of 5 files already" in result.stdout
    assert "skipped  broken.png" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in (folder / "out").glob("*/*.png")} == before
    assert listed(folder) == content


def test_other_options_and_changed_files_are_done_again(run: Run, folder: Path, first: str, options: tuple[str, ...]):
    options = (*options, "extract.classes=[date]", "extract.write=[found]")
    result = run(*options, cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "already" not in result.stdout
    pictures = sorted(path.name for path in (folder / "out/signatures").iterdir())
    wanted = [entry["found"] for entry in listed(folder)["signatures"] if entry["class"] == "date"]
    assert pictures == sorted(Path(name).name for name in wanted)
    assert not list((folder / "out/pages").iterdir())
    signed_page(4).save(folder / "my scans" / "a letter (1).png", dpi=(150, 150))
    result = run(*options, cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "3 of 5 files already" in result.stdout


def test_an_interrupted_run_resumes(start: Start, run: Run, detector: Path, tmp_path: Path, cache_dir: Path):
    scans = tmp_path / "scans"
    scans.mkdir()
    page = signed_page(0)
    for number in range(12):
        page.save(scans / f"{number:02}.png")
    command = (*LOW, "extract.input=scans", f"extract.detector={detector}", f"dataset.cache_dir={cache_dir}")
    process = start(*command, cwd=tmp_path)
    journal = tmp_path / "out/.extract.jsonl"
    deadline = time.monotonic() + 300
    while not journal.exists() or journal.read_text().count("\n") < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "stopped" in output
    assert "Traceback" not in errors
    done = journal.read_text().count("\n") - 1
    assert 2 <= done < 12
    assert not list(tmp_path.rglob("*.partial"))
    result = run(*command, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert f"{done} of 12 files already" in result.stdout
    assert len({entry["file"] for entry in listed(tmp_path)["pages"]}) == 12


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ((), "extract.input: mode=extract needs an image or PDF file, or a folder of them"),
        (("extract.input=gone",), "extract.input: gone does not exist"),
        (("extract.input=empty",), "extract.input: no image and no PDF file in empty"),
        (("extract.input=page.png", "extract.detector=gone"), "extract.detector: no run and no SavedModel in gone"),
        (("extract.input=page.png", "extract.output=page.png/x"), "extract.output: "),
        (("extract.input=page.png", "extract.classes=[stamp]"), "extract.classes: stamp is not a value"),
        (("extract.input=page.png", "extract.write=[all]"), "extract.write: all is not a value"),
        (("extract.input=page.png", "extract.dpi=1"), "extract.dpi: 1 is not a value"),
        (("extract.input=page.png", "extract.output=mine"), "extract.output: mine/signatures.csv exists"),
        (("extract.input=empty", "extract.output=empty/."), "extract.output: empty is the folder of the scans"),
        (("extract.input=text.png", "extract.output=new"), "extract.input: none of 1 file could be read; text.png: "),
    ],
)
def test_wrong_input_is_one_line(run: Run, tmp_path: Path, cache_dir: Path, overrides: tuple[str, ...], expected: str):
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/signatures.csv").write_text("my own table")
    (tmp_path / "text.png").write_text("no picture")
    signed_page(0).save(tmp_path / "page.png")
    result = run("mode=extract", *overrides, f"dataset.cache_dir={cache_dir}", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {expected}")
    assert "Traceback" not in result.stderr
    assert (tmp_path / "mine/signatures.csv").read_text() == "my own table"


def test_a_picture_of_the_user_in_the_way_is_kept(run: Run, tmp_path: Path, cache_dir: Path):
    signed_page(0).save(tmp_path / "page.png")
    (tmp_path / "out/pages").mkdir(parents=True)
    signed_page(1).save(tmp_path / "out/pages/page_page1.png")
    mine = (tmp_path / "out/pages/page_page1.png").read_bytes()
    result = run(*LOW, "extract.input=page.png", f"dataset.cache_dir={cache_dir}", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: extract.output: out/pages/page_page1.png exists")
    assert (tmp_path / "out/pages/page_page1.png").read_bytes() == mine


def test_a_run_of_the_other_task_is_refused(run: Run, trained: Path, tmp_path: Path):
    signed_page(0).save(tmp_path / "page.png")
    result = run("mode=extract", "extract.input=page.png", f"extract.cleaner={trained}", cwd=tmp_path)
    assert result.returncode == 1
    assert "is a run of task=detector" in result.stderr.splitlines()[0]


def test_the_models_of_a_run(run: Run, trained: Path, tmp_path: Path, cache_dir: Path):
    signed_page(0).save(tmp_path / "page.png")
    command = (*LOW, "extract.input=page.png", f"extract.detector={trained}", f"dataset.cache_dir={cache_dir}")
    result = run(*command, "extract.write=[found]", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "the pretrained detector" not in result.stdout
    assert "the cleaner" not in result.stdout  # nothing is cleaned
    assert listed(tmp_path)["signatures"]


def test_an_inverted_scan_gives_the_same_clean_signatures(run: Run, tmp_path: Path, cache_dir: Path):
    page = np.full((700, 540), 255, np.uint8)
    drawn = draw_page(9, 0).pixels
    page[: min(700, drawn.shape[0]), : min(540, drawn.shape[1])] = drawn[:700, :540]
    written = {}
    for name, pixels in (("light", page), ("dark", 255 - page)):
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "page.png")
        overrides = (f"extract.input={name}", f"extract.output=out_{name}", "extract.score=0.02")
        result = run("mode=extract", *overrides, f"dataset.cache_dir={cache_dir}", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        pictures = sorted((tmp_path / f"out_{name}/signatures").glob("*_cleaned.png"))
        written[name] = {picture.name: np.asarray(Image.open(picture)) for picture in pictures}
    assert written["light"]
    assert written["light"].keys() == written["dark"].keys()
    for name, picture in written["light"].items():
        np.testing.assert_array_equal(written["dark"][name], picture, err_msg=name)


def test_cut_outs_have_the_colours_of_the_page(run: Run, tmp_path: Path, cache_dir: Path):
    grey = draw_page(9, 0).pixels
    blue = np.stack([grey, grey, np.full_like(grey, 255)], axis=-1)  # black ink becomes blue
    Image.fromarray(blue).save(tmp_path / "page.png")
    result = run(*("mode=extract", "extract.input=page.png", "extract.score=0.02"), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    folder = tmp_path / "outputs/extract/page.png/signatures"
    for kind in ("", "_cleaned"):
        pictures = [np.asarray(Image.open(each)).astype(int) for each in folder.glob(f"*signature1{kind}.png")]
        assert len(pictures) == 1
        assert (pictures[0][..., 2] - pictures[0][..., 0]).max() > 100, kind
