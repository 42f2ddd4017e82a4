"""Training batches as a pure function of seed and step; validation pages once each, as they are and inverted."""

import dataclasses
from itertools import islice

import numpy as np
import pytest
from small_pages import marked_page, page_data, page_part, page_set

from data.pages.anchor_targets import AnchorGenerator, BACKGROUND, OverlapLabelEncoder
from data.pages.canvas import Canvas, fit
from data.pages.page_augmentation import Augmentation
from data.pages.page_data import PageData
from data.pages.page_pipeline import MAX_OBJECTS, train_pages, validation_pages
from data.pages.page_pools import PageSet

PAGES = 5
CANVAS = Canvas((128, 64))
ENCODER = OverlapLabelEncoder(AnchorGenerator((128, 64), 3, 4, 1, (1.0, 3.0), 3.0))
CALM = Augmentation(scale=(0.8, 1.1), stretch=0.1, rotation=0.0, thickness=0.0, noise=0.0, inverted=0.0)
LIVELY = Augmentation(scale=(0.8, 1.1), stretch=0.1, rotation=3.0, thickness=0.5, noise=0.5, inverted=0.5)

Batch = tuple[np.ndarray, dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def pages() -> PageSet:
    """The ink of page n is 30 * n: it can be read from a picture."""
    sizes = [(128, 64), (140, 60), (100, 80), (100, 64), (30, 20)]
    blocks = [((10 + 10 * n, 10, 30 + 10 * n, 50), (70, 5, 90, 30)) for n in range(3)]
    blocks += [((40, 20, 80, 50),), ((4, 3, 15, 16),)]
    marked = zip(sizes, blocks, range(PAGES), strict=True)
    return page_set([marked_page(size, *block, ink=30 * n) for size, block, n in marked])


def batches(pages: PageSet, count: int, augmentation: Augmentation = LIVELY, **settings) -> list[Batch]:
    settings = {"batch_size": 4, "seed": 1} | settings
    return list(
        islice(train_pages(page_data(pages, augmentation), ENCODER, CANVAS, **settings).as_numpy_iterator(), count)
    )


def assert_same(first: list[Batch], second: list[Batch]) -> None:
    for (image, targets), (other, other_targets) in zip(first, second, strict=True):
        np.testing.assert_array_equal(image, other)
        assert targets.keys() == other_targets.keys()
        for name in targets:
            np.testing.assert_array_equal(targets[name], other_targets[name], err_msg=name)


def numbers(images: np.ndarray) -> list[int]:
    return [round(int(image.min()) / 30) for image in images]


def test_a_batch_has_pages_and_the_targets_of_each_anchor(pages: PageSet):
    for images, targets in batches(pages, 5):
        assert images.shape == (4, 128, 64, 1)
        assert images.dtype == np.uint8
        assert targets["classes"].shape == targets["class_weights"].shape == (4, len(ENCODER.anchors))
        assert targets["offsets"].shape == (4, len(ENCODER.anchors), 4)
        positive = targets["classes"] != BACKGROUND
        assert positive.any(axis=1).all()
        assert set(targets["classes"][positive]) <= {1, 2}
        np.testing.assert_array_equal(positive, targets["box_weights"] == 1)


def test_targets_are_those_of_the_page_in_their_row(pages: PageSet):
    for images, targets in batches(pages, 5, CALM):
        for image, classes, offsets in zip(images[..., 0], targets["classes"], targets["offsets"], strict=True):
            for index in np.flatnonzero(classes != BACKGROUND):
                anchor = ENCODER.anchors.boxes[index]
                sides = anchor[2:] - anchor[:2]
                y, x = (anchor[2:] + anchor[:2]) / 2 + offsets[index, :2] * sides
                assert image[int(y), int(x)] == image.min()


@pytest.mark.parametrize("first_step", [1, 3])
def test_a_resumed_stream_continues_where_it_ended(pages: PageSet, first_step: int):
    assert_same(batches(pages, 6)[first_step:], batches(pages, 6 - first_step, first_step=first_step))


def test_a_stream_is_the_same_however_many_batches_are_made_at_once(pages: PageSet):
    assert_same(batches(pages, 6, parallel_calls=1), batches(pages, 6, parallel_calls=4))


def test_shards_are_slices_of_one_global_batch(pages: PageSet):
    whole = batches(pages, 4, batch_size=6)
    parts = [batches(pages, 4, batch_size=3, shard=shard, shards=2) for shard in (0, 1)]
    joined = [
        (np.concatenate([image, other]), {name: np.concatenate([one[name], two[name]]) for name in one})
        for (image, one), (other, two) in zip(*parts, strict=True)
    ]
    assert_same(whole, joined)


def test_an_epoch_shows_every_page_once_in_a_new_order(pages: PageSet):
    seen = [number for images, _ in batches(pages, 10, CALM) for number in numbers(images)]
    epochs = [seen[start : start + PAGES] for start in range(0, 40, PAGES)]
    assert all(sorted(epoch) == list(range(PAGES)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 4


def test_a_page_is_augmented_differently_in_every_epoch(pages: PageSet):
    images = np.concatenate([images for images, _ in batches(pages, 10, CALM)])
    assert len({image.tobytes() for image in images}) == len(images)


def test_seeds_differ_in_order_and_variation(pages: PageSet):
    one, other = (np.concatenate([b[0] for b in batches(pages, 5, CALM, seed=seed)]) for seed in (1, 2))
    assert numbers(one) != numbers(other)
    assert not {image.tobytes() for image in one} & {image.tobytes() for image in other}


@pytest.mark.parametrize("batch_size", [1, 4, 10, 16])
@pytest.mark.parametrize("inverted", [True, False])
def test_validation_shows_each_page_as_it_is_and_inverted(pages: PageSet, batch_size: int, inverted: bool):
    seen = []
    stream = validation_pages(page_data(pages), ENCODER, CANVAS, batch_size=batch_size, inverted=inverted)
    for images, targets in stream.as_numpy_iterator():
        assert images.shape == (batch_size, 128, 64, 1)
        for row, index in enumerate(targets["index"]):
            if index < 0:
                assert not targets["class_weights"][row].any()
                assert not targets["box_weights"][row].any()
                continue
            seen.append(int(index))
            canvas, extent = fit(pages.page(index % PAGES), CANVAS)
            np.testing.assert_array_equal(images[row, ..., 0], 255 - canvas if index >= PAGES else canvas)
            assert tuple(targets["extent"][row]) == extent
            assert tuple(targets["full_size"][row]) == tuple(pages.full_sizes[index % PAGES])
            boxes, labels = pages.objects(index % PAGES)
            assert targets["objects"][row] == len(labels)
            np.testing.assert_array_equal(targets["boxes"][row][: len(labels)], boxes)
            np.testing.assert_array_equal(targets["labels"][row][: len(labels)], labels)
            expected = ENCODER.encode(boxes * np.tile(extent, 2).astype(np.float32), labels)
            for name, value in zip(("classes", "offsets", "class_weights", "box_weights"), expected, strict=True):
                np.testing.assert_array_equal(targets[name][row], value, err_msg=name)
    assert seen == list(range(PAGES * (2 if inverted else 1)))


@pytest.fixture(scope="module")
def mixture(pages: PageSet) -> PageData:
    """Five pages with weight 3, a pale page labelled with signatures alone, and one that is only measured."""
    pale = page_set([marked_page((128, 64), (40, 20, 90, 50), ink=240)])
    never = page_set([marked_page((128, 64), (10, 10, 50, 50), ink=200)])
    parts = [
        page_part(pages, CALM, "real", 3.0),
        page_part(pale, CALM, "drawn"),
        page_part(never, CALM, "measured", 0.0),
    ]
    return PageData(tuple(parts))


def test_a_mixture_takes_its_parts_by_their_weights(mixture: PageData):
    stream = train_pages(mixture, ENCODER, CANVAS, batch_size=4, seed=1)
    shown = [number for images, _ in islice(stream.as_numpy_iterator(), 5) for number in numbers(images)]
    of_real = [number for number in shown if number < PAGES]
    assert len(of_real) == 15
    assert all(sorted(of_real[first : first + PAGES]) == [0, 1, 2, 3, 4] for first in (0, 5, 10))


def test_a_mixture_is_the_same_for_any_number_of_ranks_and_after_a_resume(mixture: PageData):
    def some(count: int, **settings) -> list[Batch]:
        return list(islice(train_pages(mixture, ENCODER, CANVAS, seed=1, **settings).as_numpy_iterator(), count))

    whole = some(3, batch_size=4)
    assert_same(some(2, batch_size=4, first_step=1), whole[1:])
    halves = [some(3, batch_size=2, shard=shard, shards=2) for shard in range(2)]
    for step, (images, targets) in enumerate(whole):
        parts = [half[step] for half in halves]
        np.testing.assert_array_equal(np.concatenate([part[0] for part in parts]), images)
        for name in targets:
            np.testing.assert_array_equal(np.concatenate([part[1][name] for part in parts]), targets[name])


def test_a_page_of_a_mixture_says_which_classes_its_labels_know(mixture: PageData):
    images, targets = next(train_pages(mixture, ENCODER, CANVAS, batch_size=8, seed=1).as_numpy_iterator())
    for number, known in zip(numbers(images), targets["known"], strict=True):
        assert known.tolist() == [1, 1, 1, 0, 0] if number < PAGES else [1, 1, 0, 0, 0]
    for images, targets in validation_pages(mixture, ENCODER, CANVAS, batch_size=7).as_numpy_iterator():
        of_real = targets["index"] % 7 < PAGES
        np.testing.assert_array_equal(targets["known"][:, 2], of_real)
        assert len(images) == 7


def test_pages_of_a_part_that_does_not_learn_boxes_have_classes_and_no_weight_of_boxes(mixture: PageData):
    real, *others = mixture.parts
    some = PageData((real, *(dataclasses.replace(part, learns_boxes=False) for part in others)))
    images, targets = next(train_pages(some, ENCODER, CANVAS, batch_size=8, seed=1).as_numpy_iterator())
    _, of_all = next(train_pages(mixture, ENCODER, CANVAS, batch_size=8, seed=1).as_numpy_iterator())
    of_real = np.array([number < PAGES for number in numbers(images)])
    assert of_real.any()
    assert not of_real.all()
    np.testing.assert_array_equal(targets["box_weights"][of_real], of_all["box_weights"][of_real])
    assert not targets["box_weights"][~of_real].any()
    assert of_all["box_weights"][~of_real].any()
    for name in ("classes", "class_weights", "offsets"):
        np.testing.assert_array_equal(targets[name], of_all[name])


def test_shapes_are_static(pages: PageSet):
    train = train_pages(page_data(pages, LIVELY), ENCODER, CANVAS, batch_size=3, seed=1)
    validation = validation_pages(page_data(pages), ENCODER, CANVAS, batch_size=3)
    for dataset in (train, validation):
        images, targets = dataset.element_spec
        assert images.shape == (3, 128, 64, 1)
        assert targets["offsets"].shape == (3, len(ENCODER.anchors), 4)
        assert all(spec.shape.is_fully_defined() and spec.shape[0] == 3 for spec in targets.values())


def test_of_a_page_of_very_many_objects_a_hundred_count():
    blocks = [(8 * (n // 12), 8 * (n % 12), 8 * (n // 12) + 5, 8 * (n % 12) + 5) for n in range(120)]
    crowded = page_set([marked_page((128, 96), *blocks)])
    for images, targets in validation_pages(page_data(crowded), ENCODER, CANVAS, batch_size=2).as_numpy_iterator():
        assert targets["objects"].tolist() == [MAX_OBJECTS] * 2
        np.testing.assert_array_equal(targets["boxes"][0], crowded.boxes[:MAX_OBJECTS])
        assert len(images) == 2
