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


class KeepsAll:
    """Takes no ink for print."""

    def predict(self, images: np.ndarray, **_: object) -> np.ndarray:
        return images


@pytest.mark.parametrize("ink", [(30, 30, 30), (40, 60, 200)])
@pytest.mark.parametrize("is_grey", [True, False])
def test_a_cleaned_cut_out_has_its_size_and_colours_and_is_the_transparent_one_on_white(
    ink: tuple[int, int, int], is_grey: bool
):
    crop = np.full((60, 150, 3), 245, np.uint8)
    crop[20:24, 10:140], crop[30:50, 60:64] = ink, ink
    crop = crop[..., 0] if is_grey else crop
    cleaned, transparent = clean(KeepsAll(), crop)  # type: ignore[arg-type]
    assert cleaned.shape == crop.shape
    assert cleaned[22, 70].tolist() == crop[22, 70].tolist()
    assert transparent.shape == (60, 150, 4)
    paper = Image.new("RGBA", (150, 60), "white")
    laid = Image.alpha_composite(paper, Image.fromarray(transparent)).convert("L" if is_grey else "RGB")
    np.testing.assert_allclose(np.asarray(laid, int), cleaned, atol=2)


def test_a_call_gives_what_keras_predicts():
    model = signver_model(build_unet([8, 8], 4, 1))
    images = np.random.default_rng(0).random((3, 224, 224, 3), np.float32)
    np.testing.assert_allclose(
        QuickModel(model).predict(images, batch_size=2, verbose=0), model.predict(images, verbose=0), atol=1e-5
    )
