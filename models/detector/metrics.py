"""COCO's detection metrics over pages, and the precision and recall at the score that SignVer shows boxes from."""

import contextlib
import dataclasses
import io
from collections.abc import Collection, Mapping

import numpy as np
from official.vision.evaluation.coco_utils import COCOWrapper
from pycocotools.cocoeval import COCOeval

from data.pages.page_classes import CLASSES
from models.part_metrics import mean_of_parts

SHOWN_SCORE = 0.22
"""SignVer's notebook shows boxes from this score on."""

MAX_DETECTIONS = 100

_CHUNK = 256

_ALL_SIZES, _MOST_DETECTIONS, _IOU_50 = 0, -1, 0


class PageMetrics:
    """Collects true and found boxes page by page; pycocotools evaluates them, through tf-models' COCO wrapper.

    A page takes some kilobytes; pycocotools needs a hundred times as much, so it gets `_CHUNK` pages at a time.
    """

    def __init__(self) -> None:
        self._pages: dict[int, _Page] = {}

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
            padding.
        """
        found = scores > 0
        self._pages[page] = _Page(
            (int(size[0]), int(size[1])),
            np.asarray(boxes, np.float32).reshape(-1, 4),
            np.asarray(labels, np.int32),
            np.asarray(found_boxes, np.float32).reshape(-1, 4)[found],
            np.asarray(found_labels, np.int32)[found],
            np.asarray(scores, np.float32)[found],
        )

    def result(self, pages: Collection[int] | None = None) -> dict[str, float]:
        """The metrics over some of the pages, or all.

        Returns:
          AP (mean over overlaps from 0.5 to 0.95), AP50 and AP75, each the mean over the classes there are;
          AP50_<class>; precision and recall over all classes at an overlap of 0.5, for boxes of `SHOWN_SCORE` and more.
          A metric without objects is NaN.
        """
        evaluator = self._evaluate(sorted(self._pages if pages is None else pages))
        if evaluator is None:
            return dict.fromkeys(("AP", "AP50", "AP75", "precision", "recall"), float("nan"))
        at_75 = int(np.argmin(abs(evaluator.params.iouThrs - 0.75)))
        curves = evaluator.eval["precision"][:, :, :, _ALL_SIZES, _MOST_DETECTIONS]  # overlap, recall, class
        metrics = {"AP": _mean(curves), "AP50": _mean(curves[_IOU_50]), "AP75": _mean(curves[at_75])}
        for position, label in enumerate(evaluator.params.catIds):
            metrics[f"AP50_{CLASSES[label - 1]}"] = _mean(curves[_IOU_50][:, position])
        return metrics | _at_score(evaluator, SHOWN_SCORE)

    def result_of_parts(self, parts: Mapping[str, range]) -> dict[str, float]:
        """The metrics over all pages, or, of a mixture, those over each part and their means.

        Args:
          parts: name -> its pages; empty if there is no mixture. A page of the same number plus the number of pages of
            all parts, which is the inverted one, is of the same part.

        Returns:
          Metric -> value; of a mixture `<part>/<metric>`, and for each metric the mean over the parts that have it.
        """
        if not parts:
            return self.result()
        total = max(pages.stop for pages in parts.values())
        of_parts = {
            name: self.result([page for page in self._pages if page % total in pages]) for name, pages in parts.items()
        }
        return mean_of_parts(of_parts)

    def _evaluate(self, pages: list[int]) -> COCOeval | None:
        """Evaluates some pages; None if there is no object on them."""
        found = [self._pages[page].labels for page in pages]
        labels = np.unique(np.concatenate(found or [np.empty(0)])).astype(int).tolist()
        if not labels:
            return None
        evaluations: list[list[dict | None]] = [[] for _ in labels]
        for first in range(0, len(pages), _CHUNK):
            chunk = pages[first : first + _CHUNK]
            evaluator = self._evaluate_chunk(chunk, labels)
            for position, of_label in enumerate(evaluations):
                of_label += map(_compact, evaluator.evalImgs[position * len(chunk) :][: len(chunk)])
        evaluator.params.imgIds = evaluator._paramsEval.imgIds = pages
        evaluator.evalImgs = [evaluation for of_label in evaluations for evaluation in of_label]
        with contextlib.redirect_stdout(io.StringIO()):
            evaluator.accumulate()
        return evaluator

    def _evaluate_chunk(self, pages: list[int], labels: list[int]) -> COCOeval:
        """Evaluates a chunk of pages: `evalImgs` has the pages of the first label first."""
        true: list[dict] = []
        found: list[dict] = []
        for page in pages:
            known = self._pages[page]
            for box, label in zip(known.boxes, known.labels, strict=True):
                true.append(_annotation(len(true), page, box, label))
            for box, label, score in zip(known.found_boxes, known.found_labels, known.scores, strict=True):
                found.append(_annotation(len(found), page, box, label) | {"score": float(score)})
        sizes = {page: self._pages[page].size for page in pages}
        images = [{"id": page, "height": height, "width": width} for page, (height, width) in sizes.items()]
        categories = [{"id": label} for label in labels]
        with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints every stage
            truth = COCOWrapper(gt_dataset={"images": images, "categories": categories, "annotations": true})
            evaluator = COCOeval(truth, truth.loadRes(found), iouType="bbox")
            evaluator.params.maxDets = [MAX_DETECTIONS]
            evaluator.params.areaRng, evaluator.params.areaRngLbl = (
                evaluator.params.areaRng[:1],
                evaluator.params.areaRngLbl[:1],
            )
            evaluator.evaluate()
        return evaluator


@dataclasses.dataclass(frozen=True, eq=False)
class _Page:
    """Boxes float32 [n, 4], ymin, xmin, ymax, xmax in pixels, labels int32 [n], scores float32 [n]."""

    size: tuple[int, int]
    boxes: np.ndarray
    labels: np.ndarray
    found_boxes: np.ndarray
    found_labels: np.ndarray
    scores: np.ndarray


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


def _compact(evaluation: dict | None) -> dict | None:
    """What `COCOeval.accumulate` and `_at_score` read of the evaluation of a page, with matches as Booleans."""
    if evaluation is None:
        return None
    return {
        "dtScores": np.asarray(evaluation["dtScores"], np.float32),
        "dtMatches": evaluation["dtMatches"] > 0,
        "dtIgnore": evaluation["dtIgnore"] > 0,
        "gtIgnore": evaluation["gtIgnore"] > 0,
    }


def _mean(curve: np.ndarray) -> float:
    known = curve[curve > -1]
    return float(known.mean()) if known.size else float("nan")


def _at_score(evaluator: COCOeval, score: float) -> dict[str, float]:
    shown = right = objects = 0
    for evaluation in filter(None, evaluator.evalImgs):
        counted = evaluation["dtScores"] >= score
        shown += int(counted.sum())
        right += int(evaluation["dtMatches"][_IOU_50][counted].sum())
        objects += len(evaluation["gtIgnore"])
    return {
        "precision": right / shown if shown else float("nan"),
        "recall": right / objects if objects else float("nan"),
    }
