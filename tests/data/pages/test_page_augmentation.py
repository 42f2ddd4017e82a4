"""Augmented pages: boxes move with their ink, and no page is mirrored."""

import cv2
import numpy as np
import pytest
from small_pages import marked_page, MarkedPage

from data.pages.canvas import Canvas, fit, paper_value
from data.pages.page_augmentation import augment, Augmentation, turn

SIZE = (256, 192)
CANVAS = Canvas(SIZE)
STILL = Augmentation(scale=(1.0, 1.0), stretch=0.0, rotation=0.0, thickness=0.0, noise=0.0, inverted=0.0)
SEEDS = range(60)


def settings(**changes) -> Augmentation:
    return Augmentation(**{**STILL.__dict__, **changes})


def varied(
    page: MarkedPage, how: Augmentation, seed: int, canvas: Canvas = CANVAS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return augment(*page, canvas, how, np.random.default_rng(seed))


def ink_box(image: np.ndarray) -> np.ndarray:
    """ymin, xmin, ymax, xmax around what is dark."""
    rows, columns = (np.flatnonzero((image < 128).any(axis=axis)) for axis in (1, 0))
    return np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1])


@pytest.mark.parametrize(
    "how",
    [
        STILL,
        settings(scale=(0.4, 0.9)),
        settings(scale=(0.7, 0.9), stretch=0.3),
        settings(scale=(0.5, 0.9), turned=0.7),
    ],
)
@pytest.mark.parametrize("size", [(420, 300), (200, 330), (130, 90)])
@pytest.mark.parametrize("canvas", [CANVAS, Canvas(SIZE, stretched=True)], ids=["inside", "stretched"])
def test_boxes_follow_their_ink(how: Augmentation, size: tuple[int, int], canvas: Canvas):
    height, width = size
    page = marked_page(size, (height // 3, width // 4, height // 2, 3 * width // 4))
    for seed in SEEDS:
        image, boxes, labels = varied(page, how, seed, canvas)
        assert image.shape == SIZE
        assert image.dtype == np.uint8
        assert boxes.dtype == np.float32
        assert labels.tolist() == [1]
        np.testing.assert_allclose(boxes[0], ink_box(image), atol=1.6, err_msg=str(seed))


@pytest.mark.parametrize("rotation", [2.0, 20.0])
@pytest.mark.parametrize("canvas", [CANVAS, Canvas(SIZE, stretched=True)], ids=["inside", "stretched"])
def test_boxes_of_rotated_writing_stay_tight(rotation: float, canvas: Canvas):
    """Writing does not fill the corners of its box, so the box grows less than that of a turned rectangle."""
    pixels, boxes, labels = marked_page((400, 300), (160, 40, 210, 260))
    pixels[160:210, 40:260] = 255
    cv2.ellipse(pixels, (150, 185), (110, 25), 0, 0, 360, 0, -1)
    for seed in SEEDS:
        image, moved, _ = varied(
            (pixels, boxes, labels), settings(scale=(0.6, 0.8), stretch=0.2, rotation=rotation), seed, canvas
        )
        np.testing.assert_allclose(moved[0], ink_box(image), atol=1.6, err_msg=str(seed))


def test_a_stretched_page_fills_the_canvas():
    page = marked_page((100, 400), (20, 40, 60, 200))
    image, boxes, _ = varied(page, STILL, 1, Canvas(SIZE, stretched=True))
    fitted, extent = fit(page[0], Canvas(SIZE, stretched=True))
    assert extent == SIZE
    np.testing.assert_allclose(ink_box(fitted), page[1][0] * np.tile(SIZE, 2), atol=1.6)
    np.testing.assert_allclose(boxes[0][2:] - boxes[0][:2], (0.4 * SIZE[0], 0.4 * SIZE[1]), atol=1e-3)
    assert image.shape == SIZE


def test_each_of_several_objects_keeps_its_label():
    page = marked_page((400, 300), (20, 30, 60, 120), (150, 200, 260, 260), (300, 20, 380, 280))
    for number, (top, left, bottom, right) in enumerate(((20, 30, 60, 120), (150, 200, 260, 260), (300, 20, 380, 280))):
        page[0][top:bottom, left:right] = 40 * number
    for seed in SEEDS:
        image, boxes, labels = varied(page, settings(scale=(0.6, 0.8), stretch=0.1, rotation=3.0), seed)
        assert labels.tolist() == [1, 2, 3]
        for label, (ymin, xmin, ymax, xmax) in zip(labels, boxes, strict=True):
            assert image[int((ymin + ymax) / 2), int((xmin + xmax) / 2)] == 40 * (label - 1)


def test_boxes_are_cut_at_the_canvas_with_their_ink():
    page = marked_page((256, 192), (20, 10, 70, 182))
    cut = 0
    for seed in SEEDS:
        image, boxes, _ = varied(page, settings(scale=(1.2, 1.6)), seed)
        if len(boxes):
            np.testing.assert_allclose(boxes[0], ink_box(image), atol=1.6, err_msg=str(seed))
            cut += boxes[0].min() == 0 or boxes[0][3] == SIZE[1]
    assert cut > 10


def test_objects_mostly_off_the_canvas_are_gone():
    page = marked_page((256, 192), (100, 10, 140, 90))
    gone = 0
    for seed in range(200):
        image, boxes, labels = varied(page, settings(scale=(2.0, 2.0)), seed)
        visible = (image < 128).sum() / (40 * 80 * 4)
        assert len(boxes) == len(labels)
        if len(boxes):
            assert visible > 0.47, seed
        else:
            assert visible < 0.53, seed
        gone += not len(boxes)
    assert 20 < gone < 180


def test_nothing_is_ever_mirrored():
    pixels = np.full((300, 300), 255, np.uint8)
    pixels[100:200, 100:130] = 0  # an L with a grey serif: turned by less than half a right angle it stays one
    pixels[170:200, 130:200] = 0
    pixels[100:120, 80:100] = 120
    page = (pixels, np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    everything = settings(scale=(0.7, 1.0), stretch=0.2, rotation=15.0)
    for seed in SEEDS:
        image = varied(page, everything, seed)[0].astype(int)
        rows, columns = np.nonzero(image < 30)
        top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
        middle, centre = (top + bottom) // 2, (left + right) // 2
        quarters = [image[top:middle, left:centre], image[top:middle, centre:right], image[middle:bottom, left:centre]]
        dark = [(quarter < 60).mean() for quarter in (*quarters, image[middle:bottom, centre:right])]
        assert dark.index(min(dark)) == 1, seed  # the upper right is what an L leaves open


def test_the_share_inverted_is_as_asked():
    page = marked_page((128, 96), (30, 20, 60, 70))
    for share in (0.0, 0.3, 1.0):
        dark = sum(varied(page, settings(inverted=share), seed)[0].mean() < 127 for seed in range(400))
        assert dark / 400 == pytest.approx(share, abs=0.08 if 0 < share < 1 else 0)


def test_an_inverted_page_is_the_page_inverted_with_the_same_boxes():
    page = marked_page((200, 150), (30, 20, 60, 120))
    how = {"scale": (0.7, 1.1), "rotation": 3.0}
    for seed in SEEDS:
        image, boxes, _ = varied(page, settings(**how), seed)
        inverted, same_boxes, _ = varied(page, settings(**how, inverted=1.0), seed)
        np.testing.assert_array_equal(inverted, 255 - image)
        np.testing.assert_array_equal(boxes, same_boxes)


def test_noise_and_thickness_leave_geometry_and_most_pixels_alone():
    page = marked_page((400, 300), (100, 40, 160, 240))
    changed = 0
    for seed in SEEDS:
        calm, boxes, _ = varied(page, settings(scale=(0.8, 1.0)), seed)
        noisy, same_boxes, _ = varied(page, settings(scale=(0.8, 1.0), noise=1.0, thickness=1.0), seed)
        np.testing.assert_array_equal(boxes, same_boxes)
        ymin, xmin, ymax, xmax = boxes[0].astype(int)
        assert np.median(noisy[ymin + 4 : ymax - 4, xmin + 4 : xmax - 4]) < 100
        assert np.median(noisy) > 180
        changed += not np.array_equal(calm, noisy)
    assert changed > 50


def test_with_nothing_to_vary_a_page_only_moves():
    rng = np.random.default_rng(0)
    smooth = cv2.GaussianBlur(rng.integers(0, 256, (256, 192)).astype(np.uint8), (0, 0), 12)
    smooth = cv2.normalize(smooth, None, 128, 255, cv2.NORM_MINMAX)
    page = (smooth, np.array([[0.25, 0.25, 0.75, 0.75]], np.float32), np.ones(1, np.int64))
    fitted, extent = fit(smooth, CANVAS)
    for seed in SEEDS:
        image, boxes, _ = varied(page, STILL, seed)
        ymin, xmin, ymax, xmax = boxes[0]
        np.testing.assert_allclose((ymax - ymin, xmax - xmin), (extent[0] / 2, extent[1] / 2), atol=1e-3)
        moved = np.float64([[1, 0, xmin - extent[1] / 4], [0, 1, ymin - extent[0] / 4]])
        expected = cv2.warpAffine(fitted, moved, SIZE[::-1], borderMode=cv2.BORDER_CONSTANT, borderValue=255)
        difference = np.abs(expected.astype(int) - image)[25:-25, 25:-25]
        assert difference.max() <= 2, seed
        assert np.hypot(ymin - extent[0] / 4, xmin - extent[1] / 4) < 0.08 * 256


def test_the_same_generator_gives_the_same_page():
    page = marked_page((200, 150), (30, 20, 60, 120))
    how = Augmentation(scale=(0.5, 1.5), stretch=0.1, rotation=2.0, thickness=0.5, noise=0.5, inverted=0.5)
    images = [varied(page, how, seed)[0] for seed in (1, 1, 2)]
    np.testing.assert_array_equal(images[0], images[1])
    assert not np.array_equal(images[0], images[2])


@pytest.mark.parametrize(
    ("size", "extent"),
    [
        ((256, 192), (256, 192)),
        ((128, 96), (256, 192)),
        ((100, 400), (48, 192)),
        ((400, 100), (256, 64)),
        ((12, 8), (256, 171)),
        ((2000, 3), (256, 1)),
    ],
)
@pytest.mark.parametrize("paper", [255, 0])
def test_fit_puts_a_page_top_left_and_its_paper_around(size: tuple[int, int], extent: tuple[int, int], paper: int):
    page = np.full(size, 200 if paper else 50, np.uint8)
    canvas, found = fit(page, CANVAS)
    assert found == extent
    assert canvas.shape == SIZE
    assert (canvas[: extent[0], : extent[1]] == page[0, 0]).all()
    assert (canvas[extent[0] :] == paper).all()
    assert (canvas[:, extent[1] :] == paper).all()


def test_a_page_that_fits_already_is_shown_pixel_by_pixel():
    page = np.random.default_rng(0).integers(0, 256, (256, 150)).astype(np.uint8)
    canvas, extent = fit(page, CANVAS)
    assert extent == (256, 150)
    np.testing.assert_array_equal(canvas[:, :150], page)


def test_boxes_times_extent_lie_on_the_ink_that_fit_shows():
    for size in ((300, 200), (90, 200), (60, 40)):
        height, width = size
        pixels, boxes, _ = marked_page(size, (height // 4, width // 5, height // 2, width - 5))
        canvas, extent = fit(pixels if max(size) < 200 else cv2.resize(pixels, None, fx=0.6, fy=0.6), CANVAS)
        np.testing.assert_allclose(boxes[0] * np.tile(extent, 2), ink_box(canvas), atol=1.6)


def test_the_paper_around_a_page_is_as_light_as_the_page():
    assert paper_value(np.full((4, 4), 128, np.uint8)) == 255
    assert paper_value(np.full((4, 4), 100, np.uint8)) == 0
    dark = marked_page((200, 200), (0, 0, 200, 150))
    image, _, _ = varied(dark, settings(scale=(0.5, 0.5)), 0)
    assert (image[:3] == 0).all()
    assert (image[-3:] == 0).all()


def test_a_page_that_is_turned_is_not_mirrored():
    pixels = np.random.default_rng(1).integers(0, 256, (30, 20), dtype=np.uint8)
    for quarters in range(4):
        page, _ = turn(pixels, np.zeros((0, 4), np.float32), quarters)
        np.testing.assert_array_equal(page, np.rot90(pixels, quarters))


def test_as_many_pages_are_turned_as_is_said():
    page = marked_page((200, 200), (80, 20, 110, 180))
    lying = 0
    for seed in range(300):
        _, ((top, left, bottom, right),), _ = varied(page, settings(turned=0.6, scale=(0.8, 0.8)), seed)
        lying += right - left < bottom - top  # by 90 or 270 degrees: two of three angles
    assert abs(lying / 300 - 0.4) < 0.08
