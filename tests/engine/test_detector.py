"""The detector through train.py: training, resuming, evaluation, export and prediction."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import Run, Start
from PIL import Image

from engine.runs.run_folder import read_facts

pytestmark = pytest.mark.slow

DETECTOR = (
    "task=detector",
    "dataset=synthetic",
    "dataset.pages=16",
    "dataset.held_out_pages=4",
    "model.input_size=[256,192]",
    "model.filters=[8,16,16,16,16]",
    "model.pyramid_filters=16",
    "model.batch_size=2",
    "trainer.steps_per_loop=2",
    "trainer.image_summaries=3",
)
"""A dataset and a network that take seconds."""

SHORT = (*DETECTOR, "trainer.train_steps=8", "trainer.validation_interval=4", "deterministic=true")
LONG = (*DETECTOR, "trainer.train_steps=24", "trainer.validation_interval=8", "deterministic=true")

METRICS = {"AP", "AP50", "AP75", "precision", "recall", "loss"}


def run_folder(cwd: Path) -> Path:
    (folder,) = (cwd / "outputs" / "detector").iterdir()
    return folder


def metrics_of(folder: Path) -> list[dict[str, float]]:
    """All evaluations without what the clock decides; a metric that is no number is left out."""
    history = read_facts(folder)["history"]
    return [{name: v for name, v in entry.items() if name != "seconds" and v == v} for entry in history]


def weights(prefix: Path) -> dict[str, np.ndarray]:
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(prefix))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith("model/")]
    return {name: reader.get_tensor(name) for name in names if reader.get_tensor(name).dtype.kind == "f"}


@pytest.fixture(scope="module")
def trained(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("trained")
    result = run(*SHORT, "hardware.dtype=float32", cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    (cwd / "console.txt").write_text(result.stdout)
    return run_folder(cwd)


@pytest.fixture(scope="module")
def uncut(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("uncut")
    result = run(*LONG, cwd=cwd)
    assert result.returncode == 0, result.stderr
    return run_folder(cwd)


def test_a_run_leaves_what_it_promises(trained: Path):
    facts = read_facts(trained)
    assert facts["status"] == "done"
    assert facts["task"] == "detector"
    assert facts["dataset"]["fingerprint"]
    assert (facts["dataset"]["training_pages"], facts["dataset"]["validation_pages"]) == (16, 4)
    assert facts["dataset"]["training_objects"]["signature"] > 0
    assert facts["dataset"]["bad_records"] == []
    assert [entry["step"] for entry in facts["history"]] == [4, 8]
    assert facts["metrics"] == max(facts["history"], key=lambda entry: entry["AP"])
    assert set(facts["metrics"]) >= {*METRICS, "AP50_signature", "step", "seconds"}
    for part in ("train.log", ".hydra/config.yaml", ".hydra/overrides.yaml", "checkpoints/ckpt-8.index"):
        assert (trained / part).is_file()
    assert (trained / "export" / "saved_model.pb").is_file()
    with Image.open(trained / "samples.png") as sheet:
        assert sheet.height == 256
        assert sheet.width > 3 * 192
    assert not list(trained.rglob("*.partial*"))


def test_the_console_says_where_things_are_and_what_is_next(trained: Path):
    cwd = trained.parents[2]
    text = (cwd / "console.txt").read_text()
    lines = text.splitlines()
    assert lines[0].startswith("detector · retinanet_small · synthetic · cpu")
    assert "16 pages to train on with" in text
    assert "4 validation pages" in text
    assert [line.split()[0] for line in lines[-5:]] == ["best", "model", "look", "repeat", "next"]
    assert "AP50" in lines[-5]
    relative = trained.relative_to(cwd)
    assert f"{relative}/export" in lines[-4]
    assert "Detector().load" in lines[-4]
    assert f"run_dir={relative}" in lines[-1]
    assert "WARNING" not in text


def test_tensorboard_holds_scalars_and_pictures(trained: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def tags(folder: str) -> dict[str, int]:
        events = EventAccumulator(str(trained / folder), size_guidance={"tensors": 0}).Reload()
        return {tag: len(events.Tensors(tag)) for tag in events.Tags()["tensors"]}

    train, validation = tags("train"), tags("validation")
    for name in ("training/loss", "speed/examples_per_second", "training/learning_rate"):
        assert train[name] == 4
    assert set(validation) >= {f"metrics/{name}" for name in METRICS}
    assert validation["metrics/AP50"] == 2
    assert validation["images/predictions"] == 2


def test_what_is_learned_grows_less_wrong(uncut: Path):
    losses = [entry["loss"] for entry in read_facts(uncut)["history"]]
    assert losses[-1] < losses[0]


def test_a_cut_run_goes_on_and_ends_as_if_uncut(start: Start, run: Run, uncut: Path, tmp_path: Path):
    process = start(*LONG, cwd=tmp_path)
    while not list(tmp_path.glob("outputs/detector/*/checkpoints/ckpt-8.index")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=120)
    folder = run_folder(tmp_path)
    assert process.returncode == 130, errors
    assert "SIGTERM; checkpoint written" in output
    assert errors == ""
    assert read_facts(folder)["status"] == "interrupted"
    assert not (folder / "export").exists()

    again = run(*LONG, cwd=tmp_path)  # the same command
    assert again.returncode == 0, again.stderr
    assert "resume" in again.stdout
    assert run_folder(tmp_path) == folder
    assert metrics_of(folder) == metrics_of(uncut)
    theirs = weights(uncut / "checkpoints" / "ckpt-24")
    for name, weight in weights(folder / "checkpoints" / "ckpt-24").items():
        np.testing.assert_array_equal(weight, theirs[name], err_msg=name)


def test_eval_gives_nearly_the_metrics_of_training(run: Run, trained: Path):
    cwd = trained.parents[2]
    result = run("mode=eval", f"run_dir={trained.relative_to(cwd)}", cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    report = json.loads((trained / "eval_synthetic.json").read_text())
    assert report["pages"] == 4
    assert report["fingerprint"] == read_facts(trained)["dataset"]["fingerprint"]
    best = read_facts(trained)["metrics"]
    for name in ("AP", "AP50", "AP75", "AP50_signature", "recall"):
        assert report["metrics"][name] == pytest.approx(best[name], abs=0.02), name
    assert {"AP50_as_scanned", "AP50_inverted"} <= set(report["metrics"])
    assert f"{report['metrics']['AP50']:.4f}" in result.stdout


def test_eval_of_an_export_anywhere_on_other_data(run: Run, trained: Path, tmp_path: Path):
    (tmp_path / "elsewhere").symlink_to(trained / "export")
    words = (*DETECTOR, "dataset.pages=2", "dataset.held_out_pages=2", "dataset.seed=2")
    result = run("mode=eval", "export_dir=elsewhere", *words, "run_dir=report", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "report/eval_synthetic.json").read_text())["pages"] == 2


def test_export_again_is_the_same_model(run: Run, trained: Path):
    cwd = trained.parents[2]
    result = run("mode=export", f"run_dir={trained.relative_to(cwd)}", "export_dir=again", cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""

    import tensorflow as tf

    page = np.full((1, 400, 300, 3), 255, np.uint8)
    page[:, 100:140, 50:200] = 0
    first, again = (
        tf.saved_model.load(str(folder))(tf.constant(page)) for folder in (trained / "export", cwd / "again")
    )
    for name, value in first.items():
        np.testing.assert_array_equal(again[name], value, err_msg=name)


def test_predict_draws_boxes_on_images_and_documents(run: Run, trained: Path):
    cwd = trained.parents[2]
    folder = cwd / "scans"
    folder.mkdir()
    pixels = np.full((500, 400), 255, np.uint8)
    pixels[300:330, 100:300] = 20
    page = Image.fromarray(pixels)
    page.convert("RGB").save(folder / "letter.jpg")
    page.save(folder / "lease.pdf", "PDF", save_all=True, append_images=[page])
    (folder / "broken.pdf").write_bytes(b"no document")
    words = ("mode=predict", "predict.input=scans", "predict.score=0.0", f"run_dir={trained.relative_to(cwd)}")
    result = run(*words, cwd=cwd)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "broken.pdf: not a readable PDF" in result.stdout
    output = trained / "predictions"
    drawn = {"lease_page1_found.png", "lease_page2_found.png", "letter_found.png"}
    assert {path.name for path in output.iterdir()} == {*drawn, "boxes.json"}
    with Image.open(output / "letter_found.png") as picture:
        assert picture.size == (400, 500)
    content = json.loads((output / "boxes.json").read_text())
    assert [image["file_name"] for image in content["images"]] == ["lease.pdf_page1", "lease.pdf_page2", "letter.jpg"]
    assert len(content["annotations"]) > 0
    for entry in content["annotations"]:
        left, top, width, height = entry["bbox"]
        shown = content["images"][entry["image_id"] - 1]
        assert left >= 0
        assert top >= 0
        assert left + width <= shown["width"] + 0.2
        assert top + height <= shown["height"] + 0.2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("predict.input=nothing.pdf",), "predict.input: nothing.pdf does not exist"),
        (("predict.input=outputs",), "predict.input: no image in outputs"),
        (("predict.input=console.txt",), "predict.input: none of 1 files could be read"),
    ],
)
def test_predict_refuses_in_one_line(run: Run, trained: Path, words: tuple[str, ...], expected: str):
    cwd = trained.parents[2]
    result = run("mode=predict", *words, f"run_dir={trained.relative_to(cwd)}", cwd=cwd)
    assert result.returncode == 1
    assert result.stderr.startswith(f"error: {expected}")


def test_a_run_starts_from_the_weights_of_another(run: Run, trained: Path, tmp_path: Path):
    words = (*DETECTOR, "trainer.train_steps=1", "trainer.validation_interval=1", "model.learning_rate=1e-9")
    words = (*words, "model.optimizer=sgd", "hardware.dtype=float32", f"model.init_from={trained}")
    result = run(*words, "run_dir=next", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    best = read_facts(trained)["metrics"]["step"]
    before = weights(trained / "checkpoints" / "best" / f"step-{best}")
    for name, weight in weights(tmp_path / "next" / "checkpoints" / "ckpt-1").items():
        np.testing.assert_allclose(weight, before[name], atol=1e-6, err_msg=name)
    assert read_facts(tmp_path / "next")["history"][0]["loss"] == pytest.approx(
        next(entry["loss"] for entry in read_facts(trained)["history"] if entry["step"] == best), rel=1e-3
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ("dataset=synthetic", "model.init_from=gone"),
            "error: model.init_from: no run with a best checkpoint in gone",
        ),
        (
            ("dataset=synthetic", "model=retinanet", "model.init_checkpoint=gone/ckpt-1"),
            "error: model.init_checkpoint: no checkpoint in gone/ckpt-1",
        ),
        (("dataset=signverod",), "error: dataset.root: no SignverOD shards in data/raw/signverod"),
    ],
)
def test_what_is_not_there_to_start_from_is_one_line_and_leaves_nothing(
    run: Run, tmp_path: Path, words: tuple[str, ...], expected: str
):
    result = run("task=detector", *words, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(expected)
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "outputs").exists()


def test_another_networks_weights_are_refused(run: Run, trained: Path, tmp_path: Path):
    result = run(*SHORT, "model.pyramid_filters=8", f"model.init_from={trained}", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith("error: model.init_from: ")
    assert "another network" in result.stderr.splitlines()[0]


def test_two_ranks_train_as_one_with_the_batch_of_both(run: Run, tmp_path: Path):
    steps = ("trainer.train_steps=6", "trainer.validation_interval=3", "hardware.dtype=float32", "deterministic=true")
    for folder, words in (
        ("two", ("hardware=cpu2", "model.batch_size=2", "model.learning_rate=1e-3")),
        ("one", ("hardware=cpu", "model.batch_size=4", "model.learning_rate=2e-3")),
    ):
        done = run(*DETECTOR, *steps, *words, f"run_dir={folder}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr + done.stdout
    two, one = (weights(tmp_path / folder / "checkpoints" / "ckpt-6") for folder in ("two", "one"))
    assert one.keys() == two.keys()
    for name, weight in one.items():
        np.testing.assert_allclose(two[name], weight, rtol=2e-3, atol=2e-4, err_msg=name)
    ours, theirs = (read_facts(tmp_path / folder)["history"][-1] for folder in ("two", "one"))
    assert ours["AP50"] == pytest.approx(theirs["AP50"], abs=0.02)
    assert (tmp_path / "two" / "export" / "saved_model.pb").is_file()


def test_signver_uses_the_export_of_a_run(trained: Path, tmp_path: Path):
    program = """
import sys
import numpy as np
import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
found = model(tf.zeros([1, 700, 500, 3], tf.uint8))
count = int(found["num_detections"])
assert tf.reshape(found["detection_boxes"], [count, 4]).shape == (100, 4)
assert tf.reshape(found["detection_scores"], [count]).shape == (100,)
assert tf.reshape(found["detection_classes"], [count]).shape == (100,)
assert not {"data", "models", "engine", "official", "orbit"} & set(sys.modules)
"""
    (tmp_path / "signver.py").write_text(program)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-I", "signver.py", str(trained / "export")]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
