"""COCO's detection metrics over pages, and the precision and recall at the score that SignVer shows boxes from."""

import contextlib
import io
from collections.abc import Collection

import numpy as np
from official.vision.evaluation.coco_utils import COCOWrapper
from pycocotools.cocoeval import COCOeval

from data.page_classes import CLASSES

SHOWN_SCORE = 0.22
"""SignVer's notebook shows boxes from this score on."""

MAX_DETECTIONS = 100

_ALL_SIZES, _MOST_DETECTIONS, _IOU_50 = 0, -1, 0


class PageMetrics:
    """Collects true and found boxes page by page; pycocotools judges them, through tf-models' COCO wrapper."""

    def __init__(self) -> None:
        self._pages: dict[int, tuple[int, int]] = {}
        self._true: list[dict] = []
        self._found: list[dict] = []

    def add(
        self,
        page: int,
        size: tuple[int, int],
        boxes: np.ndarray,
        labels: np.ndarray,
        found_boxes: np.ndarray,
        found_labels: np.ndarray,
        scores: np.ndarray,
    ) -> None:
        """Adds a page.

        Args:
          page: a number of its own.
          size: height and width in pixels.
          boxes, labels: what is on it: float [n, 4], ymin, xmin, ymax, xmax in pixels, and int [n].
          found_boxes, found_labels, scores: what was found: the same, and float [k] in [0, 1]; rows of score 0 are
            filling.
        """
        self._pages[page] = (int(size[0]), int(size[1]))
        for box, label in zip(boxes, labels, strict=True):
            self._true.append(self._annotation(len(self._true), page, box, label))
        for box, label, score in zip(found_boxes, found_labels, scores, strict=True):
            if score > 0:
                self._found.append(self._annotation(len(self._found), page, box, label) | {"score": float(score)})

    def result(self, pages: Collection[int] | None = None) -> dict[str, float]:
        """The metrics over some of the pages, or all.

        Returns:
          AP (mean over overlaps from 0.5 to 0.95), AP50 and AP75, each the mean over the classes there are;
          AP50_<class>; precision and recall over all classes at an overlap of 0.5, for boxes of `SHOWN_SCORE` and more.
          What there is no object for is not a number.
        """
        judged = self._judge(sorted(self._pages if pages is None else pages))
        if judged is None:
            return dict.fromkeys(("AP", "AP50", "AP75", "precision", "recall"), float("nan"))
        at_75 = int(np.argmin(abs(judged.params.iouThrs - 0.75)))
        curves = judged.eval["precision"][:, :, :, _ALL_SIZES, _MOST_DETECTIONS]  # overlap, recall, class
        metrics = {"AP": _mean(curves), "AP50": _mean(curves[_IOU_50]), "AP75": _mean(curves[at_75])}
        for position, label in enumerate(judged.params.catIds):
            metrics[f"AP50_{CLASSES[label - 1]}"] = _mean(curves[_IOU_50][:, position])
        return metrics | _at_score(judged, SHOWN_SCORE)

    def _judge(self, pages: list[int]) -> COCOeval | None:
        """COCO's verdict, or None where there is nothing to find."""
        wanted = set(pages)
        true = [dict(entry) for entry in self._true if entry["image_id"] in wanted]
        if not true:
            return None
        found = [dict(entry) for entry in self._found if entry["image_id"] in wanted]
        images = [{"id": page, "height": self._pages[page][0], "width": self._pages[page][1]} for page in pages]
        categories = [{"id": label} for label in sorted({entry["category_id"] for entry in true})]
        with contextlib.redirect_stdout(io.StringIO()):  # pycocotools speaks of every stage
            truth = COCOWrapper(gt_dataset={"images": images, "categories": categories, "annotations": true})
            judged = COCOeval(truth, truth.loadRes(found), iouType="bbox")
            judged.params.maxDets = [1, 10, MAX_DETECTIONS]
            judged.evaluate()
            judged.accumulate()
        return judged

    @staticmethod
    def _annotation(number: int, page: int, box: np.ndarray, label: int) -> dict:
        ymin, xmin, ymax, xmax = (float(side) for side in box)
        width, height = xmax - xmin, ymax - ymin
        return {
            "id": number + 1,  # pycocotools takes 0 for no match
            "image_id": page,
            "category_id": int(label),
            "bbox": [xmin, ymin, width, height],
            "area": width * height,
            "iscrowd": 0,
        }


def _mean(curve: np.ndarray) -> float:
    known = curve[curve > -1]
    return float(known.mean()) if known.size else float("nan")


def _at_score(judged: COCOeval, score: float) -> dict[str, float]:
    shown = right = objects = 0
    for verdict in judged.evalImgs:
        if verdict is None or verdict["aRng"] != judged.params.areaRng[_ALL_SIZES]:
            continue
        counted = np.asarray(verdict["dtScores"]) >= score
        shown += int(counted.sum())
        right += int((verdict["dtMatches"][_IOU_50].astype(int)[counted] > 0).sum()) if counted.any() else 0
        objects += len(verdict["gtIds"])
    return {
        "precision": right / shown if shown else float("nan"),
        "recall": right / objects if objects else float("nan"),
    }
