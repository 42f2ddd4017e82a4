"""SignVer's own calls on the export of a short training on real pages: boxes are where the labels are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from programs import Start
from real_data import REAL_SIGNVEROD

from data.pages.page_records import decode_page, find_shards, parse_page
from data.pages.tf_examples import read_record, record_offsets

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_SIGNVEROD.is_dir(), reason=f"needs real SignverOD pages in {REAL_SIGNVEROD}"),
]

PAGES = 12

SIGNVER = """
import os, sys
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import json
import numpy as np
import tensorflow as tf

class Detector:  # the calls of SignVer's own class
    def load(self, model_path):
        self.model = tf.saved_model.load(model_path)
    def detect(self, x):
        detections = self.model(tf.convert_to_tensor(x))
        num_detections = int(detections["num_detections"])
        boxes = np.reshape(detections["detection_boxes"].numpy(), (num_detections, 4))
        scores = np.reshape(detections["detection_scores"].numpy(), (num_detections,))
        classes = np.reshape(detections["detection_classes"].numpy(), (num_detections,))
        return boxes, scores, classes

detector = Detector()
detector.load(sys.argv[1])
best = []
for name in sys.argv[2:]:
    page = np.load(name)
    boxes, scores, classes = detector.detect(page[None])
    assert len(scores) == 100 and (np.diff(scores) <= 0).all() and boxes.min() >= 0 and boxes.max() <= 1
    best.append({"box": boxes[0].tolist(), "score": float(scores[0]), "class": int(classes[0])})
assert not {"data", "models", "engine", "official", "orbit"} & set(sys.modules)
print(json.dumps(best))
"""


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boxes."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    common = sides.clip(0).prod()
    return common / ((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod() - common)


def test_signver_finds_the_signatures_of_real_pages_and_their_inverse(start: Start, tmp_path: Path):
    overrides = ("task=detector", "dataset=signverod", f"dataset.root={REAL_SIGNVEROD}", "run_dir=mine")
    short = ("model.init_from=pretrained", "model.learning_rate=1e-3", "trainer.train_steps=16")
    training = start(*overrides, *short, "trainer.validation_interval=16", cwd=tmp_path)
    _, errors = training.communicate(timeout=1500)
    assert training.returncode == 0, errors

    (shard, _) = find_shards(REAL_SIGNVEROD, "eval")
    records = [parse_page(read_record(shard, offset)) for offset in record_offsets(shard)[0][:PAGES]]
    files = []
    for polarity in ("as_scanned", "inverted"):
        for number, record in enumerate(records):
            page = np.repeat(decode_page(record)[..., None], 3, axis=-1)
            files.append(f"{polarity}_{number}.npy")
            np.save(tmp_path / files[-1], page if polarity == "as_scanned" else 255 - page)
    (tmp_path / "signver.py").write_text(SIGNVER)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-I", "signver.py", "mine/export", *files]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    for half in (found[:PAGES], found[PAGES:]):
        hits = [
            max(overlap(np.array(best["box"]), true) for true in record.boxes) > 0.4 and best["class"] == 1
            for best, record in zip(half, records, strict=True)
        ]
        assert sum(hits) > 0.7 * PAGES
    for straight, inverse in zip(found[:PAGES], found[PAGES:], strict=True):
        np.testing.assert_allclose(straight["box"], inverse["box"], atol=0.01)
