"""Cut-outs and their cleaned pictures."""

import numpy as np
import pytest
from PIL import Image

from models.cleaner.export import signver_model
from models.cleaner.unet import build_unet
from models.extraction.cutting import clean, cut, QuickModel

PAGE = np.arange(100 * 80, dtype=np.uint32).reshape(100, 80)


def test_the_margin_is_a_share_of_the_height():
    crop = cut(PAGE, (20, 40, 50, 60), margin=0.25)
    assert crop.shape == (30, 40)
    assert crop[0, 0] == PAGE[35, 15]


@pytest.mark.parametrize(
    ("box", "shape"),
    [
        ((-10, -10, 20, 20), (20, 20)),
        ((70, 90, 95, 120), (10, 10)),
        ((40, 50, 41, 51), (8, 8)),
        ((79, 99, 80, 100), (8, 8)),
        ((0, 0, 0, 0), (8, 8)),
        ((0, 0, 80, 100), (100, 80)),
    ],
)
def test_a_cut_out_stays_on_the_page_and_is_never_empty(box: tuple[float, float, float, float], shape: tuple[int, int]):
    assert cut(PAGE, box, margin=0.0).shape == shape


def test_a_page_smaller_than_the_smallest_cut_out():
    assert cut(np.zeros((5, 3), np.uint8), (0, 0, 3, 5), margin=1.0).shape == (5, 3)


@pytest.fixture(scope="module")
def cleaner() -> QuickModel:
    return QuickModel(signver_model(build_unet([8, 8], 4, 1)))


def test_a_cleaned_cut_out_has_its_size_and_is_the_transparent_one_on_white(cleaner: QuickModel):
    crop = np.full((60, 150), 245, np.uint8)
    crop[20:24, 10:140], crop[30:50, 60:64] = 30, 120
    cleaned, transparent = clean(cleaner, crop)
    assert cleaned.shape == crop.shape
    assert transparent.shape == (*crop.shape, 2)
    paper = Image.new("LA", crop.shape[::-1], (255, 255)).convert("RGBA")
    laid = Image.alpha_composite(paper, Image.fromarray(transparent).convert("RGBA")).convert("L")
    np.testing.assert_array_equal(np.asarray(laid), cleaned)


def test_a_call_gives_what_keras_predicts():
    model = signver_model(build_unet([8, 8], 4, 1))
    images = np.random.default_rng(0).random((3, 224, 224, 3), np.float32)
    np.testing.assert_allclose(
        QuickModel(model).predict(images, batch_size=2, verbose=0), model.predict(images, verbose=0), atol=1e-5
    )
