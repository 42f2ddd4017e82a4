"""From grey pictures to ink."""

import numpy as np
import pytest

from data.ink import find_ink, pack, resize_ink, signature_ink, unpack
from data.pictures.reading import BadScan


def test_the_threshold_is_otsus():
    rng = np.random.default_rng(0)
    scan = np.where(rng.random((80, 80)) < 0.2, rng.normal(80, 20, (80, 80)), rng.normal(200, 15, (80, 80)))
    scan = scan.clip(0, 255).astype(np.uint8)

    def between_class_variance(threshold: int) -> float:
        dark, light = scan[scan <= threshold], scan[scan > threshold]
        return len(dark) * len(light) * (dark.mean() - light.mean()) ** 2

    best = max(range(scan.min(), scan.max()), key=between_class_variance)
    np.testing.assert_array_equal(find_ink(scan), scan <= best)


def test_one_grey_value_has_no_ink():
    assert not find_ink(np.full((9, 9), 0, np.uint8)).any()


def test_resizing_keeps_thin_strokes():
    ink = np.zeros((300, 600), bool)
    ink[100:104] = True
    small = resize_ink(ink)
    assert small.shape == (224, 224)
    assert small.any(axis=0).all()
    np.testing.assert_array_equal(resize_ink(small), small)


def test_packing_round_trips_leftmost_pixel_highest():
    ink = np.random.default_rng(0).random((3, 224, 224)) < 0.3
    np.testing.assert_array_equal(unpack(pack(ink)), ink)
    single = np.zeros((224, 224), bool)
    single[0, 0] = True
    assert pack(single)[0, 0] == 128


@pytest.mark.parametrize(("scan", "reason"), [((255, 255), "no ink"), ((20, 250), "dark"), ((250, 250), "no ink")])
def test_scans_that_are_no_signature_are_refused(scan: tuple[int, int], reason: str):
    picture = np.full((50, 50), scan[0], np.uint8)
    picture[:5] = scan[1]
    with pytest.raises(BadScan, match=reason):
        signature_ink(picture)
