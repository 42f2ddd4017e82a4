"""`tf.data` pipelines of pages with anchor targets, from `data.pages.page_pools`.

A training batch is a pure function of (seed, step), as in `data.signatures.pair_pipeline`: there is no shuffle buffer
and no state to save, and each rank takes a slice of the same global batch.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import tensorflow as tf

from data.pages.anchor_targets import LabelEncoder
from data.pages.canvas import Canvas, fit
from data.pages.page_augmentation import augment
from data.pages.page_classes import CLASSES
from data.pages.page_data import PageData
from data.step_pipeline import step_pipeline

MAX_OBJECTS = 100
"""Objects of a page that are evaluated; arrays of boxes are padded to this length."""


def train_pages(
    data: PageData,
    encoder: LabelEncoder,
    canvas: Canvas,
    *,
    batch_size: int,
    seed: int,
    first_step: int = 0,
    shard: int = 0,
    shards: int = 1,
    parallel_calls: int | None = None,
) -> tf.data.Dataset:
    """An endless stream of training batches; every epoch of a part shows each of its pages once, newly augmented.

    Args:
      data: the dataset.
      encoder, canvas: of the network.
      batch_size: pages in a batch of this shard; the global batch is `batch_size * shards`.
      seed: of order and augmentation.
      first_step: the global step of the first batch.
      shard, shards: index and number of the slices of each global batch.
      parallel_calls: batches made at once; None lets tf.data choose.

    Returns:
      Dataset of (uint8 [B, H, W, 1], {"classes": int32 [B, A], "offsets": float32 [B, A, 4], "class_weights",
      "box_weights": float32 [B, A]}), see `LabelEncoder.encode`; the box weights are 0 on pages of a part that does not
      learn boxes. If labels of a part of a mixture lack a class, also "known": float32 [B, classes + 1], 1 for the
      classes that the labels of a page include.
    """
    parts, mixing, known = data.parts, data.mixing, _known_classes(data)

    @functools.lru_cache(maxsize=2 * len(parts))  # a batch may cross from one epoch into the next
    def order(part: int, epoch: int) -> np.ndarray:
        return np.random.default_rng((seed, epoch)).permutation(len(parts[part].pools.train))

    def make_batch(step: int) -> Sequence[np.ndarray]:
        cv2.setNumThreads(1)  # batches are made in parallel already
        canvases = np.empty((batch_size, *canvas.size, 1), np.uint8)
        targets: list[np.ndarray] = [
            np.empty(shape, dtype) for shape, dtype in _target_specs(batch_size, len(encoder.anchors))
        ]
        known_here = np.empty((batch_size, len(CLASSES) + 1), np.float32)
        for row in range(batch_size):
            position = (int(step) * shards + shard) * batch_size + row
            part, number = mixing.at(position)
            pages = parts[part].pools.train
            epoch, offset = divmod(number, len(pages))
            index = order(part, epoch)[offset]
            rng = np.random.default_rng((seed, 1, position))
            canvases[row, ..., 0], boxes, labels = augment(
                pages.page(index), *pages.objects(index), canvas, parts[part].augmentation, rng
            )
            for target, value in zip(targets, encoder.encode(boxes, labels), strict=True):
                target[row] = value
            if not parts[part].learns_boxes:
                targets[_BOX_WEIGHTS][row] = 0.0
            if known is not None:
                known_here[row] = known[part]
        return canvases, *targets, *([known_here] if known is not None else [])

    specs = [((batch_size, *canvas.size, 1), np.uint8), *_target_specs(batch_size, len(encoder.anchors))]
    specs += [((batch_size, len(CLASSES) + 1), np.float32)] if known is not None else []
    return step_pipeline(lambda step: _named(_call(make_batch, step, specs)), first_step, parallel_calls)


def validation_pages(
    data: PageData, encoder: LabelEncoder, canvas: Canvas, *, batch_size: int, inverted: bool = True
) -> tf.data.Dataset:
    """One pass over the validation pages of a dataset, each unchanged and, on request, inverted too.

    Every rank sees all pages, because COCO's metrics cannot be summed over ranks. The last batch is padded with pages
    of weight 0.

    Args:
      data: the dataset.
      encoder, canvas: of the network.
      batch_size: pages in a batch.
      inverted: whether to show every page as white on black as well, as SignVer does.

    Returns:
      Dataset of (uint8 [B, H, W, 1], targets as in `train_pages` and "index": int64 [B], the page, + n if inverted,
      -1 for padding; "full_size": float32 [B, 2], height and width of the page as shipped; "extent": float32 [B, 2],
      those of the page on the canvas; "boxes": float32 [B, 100, 4], shares of the page; "labels": int64 [B, 100];
      "objects": int64 [B]).
    """
    pages, known = data.validation, _known_classes(data)
    part_of = np.repeat(np.arange(len(data.parts)), [len(part.pools.validation) for part in data.parts])
    total = len(pages) * (2 if inverted else 1)

    def make_page(index: int) -> Sequence[np.ndarray]:
        number = int(index) % len(pages)
        boxes, labels = pages.objects(number)
        image, extent = fit(pages.page(number), canvas)
        if index >= len(pages):
            image = 255 - image
        targets = encoder.encode((boxes * np.tile(extent, 2)).astype(np.float32), labels)
        shown = min(len(labels), MAX_OBJECTS)
        padded_boxes, padded_labels = np.zeros((MAX_OBJECTS, 4), np.float32), np.zeros(MAX_OBJECTS, np.int64)
        padded_boxes[:shown], padded_labels[:shown] = boxes[:shown], labels[:shown]
        sizes = (np.array(size, np.float32) for size in (pages.full_sizes[number], extent))
        return image[..., None], *targets, *sizes, padded_boxes, padded_labels, np.asarray(shown, np.int64)

    specs = [
        ((*canvas.size, 1), np.uint8),
        *((shape[1:], dtype) for shape, dtype in _target_specs(1, len(encoder.anchors))),
        ((2,), np.float32),
        ((2,), np.float32),
        ((MAX_OBJECTS, 4), np.float32),
        ((MAX_OBJECTS,), np.int64),
        ((), np.int64),
    ]

    def load(index: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        image, *values = _call(make_page, tf.maximum(index, 0), specs)
        images, targets = _named((image, *values[:4]))
        if known is not None:
            targets["known"] = tf.gather(known, tf.gather(part_of, tf.maximum(index, 0) % len(pages)))
        real = tf.cast(index >= 0, tf.float32)
        weights = {name: real * targets[name] for name in ("class_weights", "box_weights")}
        names = ("full_size", "extent", "boxes", "labels", "objects")
        return images, {**targets, **weights, **dict(zip(names, values[4:], strict=True)), "index": index}

    filled = -(-total // batch_size) * batch_size
    indices = np.concatenate([np.arange(total), np.full(filled - total, -1)]).astype(np.int64)
    in_graph = tf.autograph.experimental.do_not_convert(load)
    dataset = tf.data.Dataset.from_tensor_slices(indices).map(in_graph, tf.data.AUTOTUNE, deterministic=True)
    return dataset.batch(batch_size, drop_remainder=True).prefetch(2)


_BOX_WEIGHTS = 3
"""Index of the box weights in what `LabelEncoder.encode` returns."""


def _target_specs(batch_size: int, anchors: int) -> list[tuple[tuple[int, ...], type]]:
    """(shape, dtype) of each target, in the order of `LabelEncoder.encode`."""
    one = (batch_size, anchors)
    return [(one, np.int32), ((*one, 4), np.float32), (one, np.float32), (one, np.float32)]


def _call(function: Callable[..., Any], argument: tf.Tensor, specs: list[Any]) -> list[tf.Tensor]:
    """Calls NumPy code from the graph and sets the shapes of its results."""
    results = tf.numpy_function(function, [argument], [tf.as_dtype(dtype) for _, dtype in specs])
    for result, (shape, _) in zip(results, specs, strict=True):
        result.set_shape(shape)
    return results


def _named(values: Sequence[tf.Tensor]) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """(images, targets by name) of an image tensor and the tensors of `_target_specs`."""
    names = ("classes", "offsets", "class_weights", "box_weights", "known")
    return values[0], dict(zip(names, values[1:], strict=False))


def _known_classes(data: PageData) -> np.ndarray | None:
    """float32 [parts, classes + 1], 1 for the classes in the labels of each part; None if all have all classes."""
    known = np.stack([part.known for part in data.parts]).astype(np.float32)
    return None if known.all() else known
