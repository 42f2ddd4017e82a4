"""Targets of a network with one anchor per position, by adaptive training sample selection (ATSS).

Zhang and others, "Bridging the gap between anchor-based and anchor-free detection via adaptive training sample
selection" (2020). Each object sets its own threshold, so that long, thin and upright objects have as many positive
anchors as square ones, and the network needs no anchors of several sizes and ratios.
"""

import dataclasses
import functools

import numpy as np

from data.pages.anchor_targets import AnchorGenerator, box_offsets, overlaps, targets_of_background

CANDIDATES = 9
"""Candidate anchors of each level for an object, as in the paper."""


@dataclasses.dataclass(frozen=True)
class AdaptiveLabelEncoder:
    """Computes the targets of a page's anchors from its objects.

    Attributes:
      anchors: the anchors of the network.
    """

    anchors: AnchorGenerator

    @functools.cached_property
    def _columns(self) -> np.ndarray:
        """ymin, xmin, ymax, xmax of the anchors, each contiguous."""
        return np.ascontiguousarray(self.anchors.boxes.T)

    @functools.cached_property
    def _centres(self) -> np.ndarray:
        """float32 [anchors, 2], y and x."""
        return (self.anchors.boxes[:, :2] + self.anchors.boxes[:, 2:]) / 2

    def encode(self, boxes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Assigns the objects of a page to anchors.

        The candidates of an object are the anchors of each level whose centres are nearest to its own. A candidate is
        positive if its centre lies inside the object and its overlap is at least the mean of the candidates' overlaps
        plus their standard deviation. An object without a positive anchor gets the nearest anchor that is not the only
        one of another object.

        Args:
          boxes: float32 [n, 4], ymin, xmin, ymax, xmax in pixels.
          labels: int [n].

        Returns:
          As `data.pages.anchor_targets.LabelEncoder.encode`; every anchor has a class weight.
        """
        classes, offsets, class_weights, box_weights = targets_of_background(len(self.anchors))
        if not len(boxes):
            return classes, offsets, class_weights, box_weights
        owner, best = np.full(len(classes), -1), np.zeros(len(classes), np.float32)
        shared = overlaps(boxes, self._columns)
        nearest = []
        for index, (box, overlap) in enumerate(zip(boxes, shared, strict=True)):
            distances = np.square(self._centres - (box[:2] + box[2:]) / 2).sum(axis=1)
            near = np.concatenate([first + _smallest(distances[first:end]) for first, end in self.anchors.levels])
            inside = ((self._centres[near] > box[:2]) & (self._centres[near] < box[2:])).all(axis=1)
            threshold = overlap[near].mean() + overlap[near].std()
            positive = near[inside & (overlap[near] >= threshold)]
            mine = positive[overlap[positive] > best[positive]]
            owner[mine], best[mine] = index, overlap[mine]
            nearest.append(near[np.argsort(distances[near])])
        for index, nearest_first in enumerate(nearest):
            if not (owner == index).any():
                spare = (anchor for anchor in nearest_first if owner[anchor] < 0 or (owner == owner[anchor]).sum() > 1)
                owner[next(spare, nearest_first[0])] = index
        positive = np.flatnonzero(owner >= 0)
        mine = owner[positive]
        classes[positive], box_weights[positive] = labels[mine], 1
        offsets[positive] = box_offsets(boxes[mine], self.anchors.boxes[positive])
        return classes, offsets, class_weights, box_weights


def _smallest(distances: np.ndarray) -> np.ndarray:
    """Indices of the `CANDIDATES` smallest distances, in no order."""
    if len(distances) <= CANDIDATES:
        return np.arange(len(distances))
    return np.argpartition(distances, CANDIDATES)[:CANDIDATES]
