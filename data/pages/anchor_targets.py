"""Anchors of a RetinaNet and their targets: classes and box offsets.

The values are those of tf-models' `official.vision.ops.anchor` (Lin and others, "Focal loss for dense object
detection", 2017). NumPy computes them in the input pipeline in a fiftieth of the time.
"""

import dataclasses
import functools
import math
from typing import Protocol

import numpy as np

BACKGROUND = -1
"""Class target of an anchor without an object: it has no one-hot position."""


@dataclasses.dataclass(frozen=True)
class AnchorGenerator:
    """The anchors of a network's input.

    Attributes:
      size: height and width of the network's input in pixels.
      min_level, max_level: pyramid levels; level l has a stride of 2^l pixels.
      num_scales: anchor sizes per octave.
      aspect_ratios: width over height.
      anchor_size: side of the smallest anchor of a level, in strides.
    """

    size: tuple[int, int]
    min_level: int
    max_level: int
    num_scales: int
    aspect_ratios: tuple[float, ...]
    anchor_size: float

    def __post_init__(self) -> None:
        levels = [self._level_boxes(level) for level in range(self.min_level, self.max_level + 1)]
        object.__setattr__(self, "boxes", np.concatenate(levels).astype(np.float32))
        ends = np.cumsum([len(level) for level in levels]).tolist()
        object.__setattr__(self, "levels", tuple(zip([0, *ends], ends, strict=False)))

    def __len__(self) -> int:
        return len(self.boxes)

    boxes: np.ndarray = dataclasses.field(init=False, repr=False, compare=False)
    """float32 [anchors, 4], ymin, xmin, ymax, xmax in pixels; by level, row, column, scale, aspect ratio."""

    levels: tuple[tuple[int, int], ...] = dataclasses.field(init=False, repr=False, compare=False)
    """(first anchor, one past the last anchor) of each level."""

    def _level_boxes(self, level: int) -> np.ndarray:
        rows, columns = (math.ceil(length / 2**level) for length in self.size)
        strides = self.size[0] / rows, self.size[1] / columns
        y, x = (stride / 2 + stride * np.arange(count) for stride, count in zip(strides, (rows, columns), strict=True))
        sides = []
        for scale in range(self.num_scales):
            side = self.anchor_size * 2**level * 2 ** (scale / self.num_scales)
            sides += [(side / math.sqrt(ratio), side * math.sqrt(ratio)) for ratio in self.aspect_ratios]
        half = np.array(sides) / 2
        centre = np.stack(np.meshgrid(y, x, indexing="ij"), axis=-1)[:, :, None]
        return np.concatenate([centre - half, centre + half], axis=-1).reshape(-1, 4)


class LabelEncoder(Protocol):
    """Computes the targets of a page's anchors from its objects."""

    @property
    def anchors(self) -> AnchorGenerator:
        """The anchors of the network."""

    def encode(self, boxes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Assigns the objects of a page to anchors.

        Args:
          boxes: float32 [n, 4], ymin, xmin, ymax, xmax in pixels.
          labels: int [n].

        Returns:
          (classes int32 [anchors], offsets float32 [anchors, 4], class weights and box weights float32 [anchors]);
          offsets are (dy / h, dx / w, log h ratio, log w ratio) to the anchor's centre and sides.
        """


@dataclasses.dataclass(frozen=True)
class OverlapLabelEncoder:
    """Computes the targets of a page's anchors by their overlap with its objects.

    Attributes:
      anchors: the anchors of the network.
      match_threshold: overlap (intersection over union) from which an anchor is positive.
      unmatched_threshold: overlap below which an anchor is background; anchors between the two have no class weight.
    """

    anchors: AnchorGenerator
    match_threshold: float = 0.5
    unmatched_threshold: float = 0.5

    @functools.cached_property
    def _columns(self) -> np.ndarray:
        """ymin, xmin, ymax, xmax of the anchors, each contiguous."""
        return np.ascontiguousarray(self.anchors.boxes.T)

    def encode(self, boxes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Assigns the objects of a page to anchors.

        An anchor is assigned to the object that it overlaps most; each object gets at least its best anchor.

        Args and Returns: as `LabelEncoder.encode`.
        """
        classes, offsets, class_weights, box_weights = targets_of_background(len(self.anchors))
        if not len(boxes):
            return classes, offsets, class_weights, box_weights
        of_each = overlaps(boxes, self._columns)
        owner = of_each.argmax(axis=0)
        overlap = of_each.max(axis=0)
        class_weights[(overlap >= self.unmatched_threshold) & (overlap < self.match_threshold)] = 0
        best = of_each.argmax(axis=1)
        for index in reversed(range(len(boxes))):  # the first of two objects with the same best anchor gets it
            owner[best[index]], overlap[best[index]] = index, 1.0
        positive = np.flatnonzero(overlap >= self.match_threshold)
        mine = owner[positive]
        classes[positive], class_weights[positive], box_weights[positive] = labels[mine], 1, 1
        offsets[positive] = box_offsets(boxes[mine], self.anchors.boxes[positive])
        return classes, offsets, class_weights, box_weights


def targets_of_background(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """New arrays with the targets of `count` anchors on an empty page, as `LabelEncoder.encode` returns them."""
    classes, offsets = np.full(count, BACKGROUND, np.int32), np.zeros((count, 4), np.float32)
    return classes, offsets, np.ones(count, np.float32), np.zeros(count, np.float32)


def overlaps(boxes: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes [n, 4] and anchors, their ymin, xmin, ymax, xmax [4, m]: float32 [n, m]."""
    ymin, xmin, ymax, xmax = anchors
    areas = (ymax - ymin) * (xmax - xmin)
    result = np.empty((len(boxes), len(ymin)), np.float32)
    for row, (top, left, bottom, right) in zip(result, boxes, strict=True):
        height = np.minimum(ymax, bottom) - np.maximum(ymin, top)
        width = np.minimum(xmax, right) - np.maximum(xmin, left)
        common = np.maximum(height, 0) * np.maximum(width, 0)
        np.divide(common, areas + (bottom - top) * (right - left) - common, out=row)
    return result


def box_offsets(boxes: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Boxes as offsets from anchors, float32 [n, 4] each (Ren and others, "Faster R-CNN", 2015)."""
    sides, anchor_sides = (np.maximum(corners[:, 2:] - corners[:, :2], 1e-8) for corners in (boxes, anchors))
    centres, anchor_centres = ((corners[:, 2:] + corners[:, :2]) / 2 for corners in (boxes, anchors))
    return np.hstack([(centres - anchor_centres) / anchor_sides, np.log(sides / anchor_sides)])
