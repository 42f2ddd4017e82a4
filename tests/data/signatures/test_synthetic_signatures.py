import dataclasses
import hashlib

import cv2
import numpy as np
import pytest
from programs import printed_by

from data.ink import resize_ink, signature_ink
from data.signatures import synthetic_signatures
from data.signatures.synthetic_signatures import draw_signature, line_width, make_writer

WRITERS = 60


@pytest.fixture(scope="module")
def scans() -> list[np.ndarray]:
    """One signature of each of many writers."""
    return [draw_signature(11, writer, 0) for writer in range(WRITERS)]


def digest(seed: int, writer: int, sample: int) -> str:
    scan = draw_signature(seed, writer, sample)
    return hashlib.sha256(repr(scan.shape).encode() + scan.tobytes()).hexdigest()


def stroke_width(ink: np.ndarray) -> float:
    """Mean over a ridge of width w of the distance to its edge is about (w + 1) / 4."""
    padded = np.pad(ink.astype(np.uint8), 1)
    return 4 * float(cv2.distanceTransform(padded, cv2.DIST_L2, 5)[padded > 0].mean()) - 1


def test_scans_are_grey_ink_on_white_paper(scans):
    for scan in scans:
        assert scan.dtype == np.uint8
        assert scan.ndim == 2
        ink = signature_ink(scan)
        assert np.median(scan) >= 250
        assert scan[~ink].mean() > 245
        assert 90 < scan[ink].mean() < 185
        assert scan[~ink].std() > 2  # a scan, not a drawing


def test_edges_are_soft(scans):
    for scan in scans:
        between = (scan > scan.min() + 60) & (scan < 225)
        assert between.mean() > 0.1 * signature_ink(scan).mean()


def test_ink_lies_inside_and_margins_are_loose(scans):
    margins = []
    for scan in scans:
        rows, columns = (np.flatnonzero(signature_ink(scan).any(axis)) for axis in (1, 0))
        margins.append((rows[0], scan.shape[0] - 1 - rows[-1], columns[0], scan.shape[1] - 1 - columns[-1]))
    assert np.max(margins) < 180
    assert (np.mean(margins, axis=0) > 8).all()


def test_sizes_are_those_of_real_scans(scans):
    height, width = np.array([scan.shape for scan in scans]).T
    assert 520 < width.mean() < 640
    assert 280 < height.mean() < 390
    assert 40 < width.std() < 110
    assert 55 < height.std() < 120
    assert 1.5 < np.mean(width / height) < 2.2


def test_ink_at_model_size_is_that_of_real_scans(scans):
    inks = [resize_ink(signature_ink(scan)) for scan in scans]
    shares = [ink.mean() for ink in inks]
    assert 0.038 < np.mean(shares) < 0.054
    assert 0.006 < np.std(shares) < 0.018
    assert min(shares) > 0.012
    assert max(shares) < 0.15
    widths = [stroke_width(ink) for ink in inks]
    assert 3.2 < np.mean(widths) < 4.0
    assert 0.15 < np.std(widths) < 0.6


def test_writer_is_recognised_and_differs_from_others():
    def describe(scan: np.ndarray) -> np.ndarray:
        rows, columns = (np.flatnonzero(signature_ink(scan).any(axis)) for axis in (1, 0))
        cut = signature_ink(scan)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        blurred = cv2.GaussianBlur(resize_ink(cut).astype(np.float32), (0, 0), 5).ravel()
        return (blurred - blurred.mean()) / np.linalg.norm(blurred - blurred.mean())

    described = np.array([[describe(draw_signature(4, writer, sample)) for sample in range(3)] for writer in range(20)])
    likeness = np.einsum("aip,bjp->abij", described, described)
    same_writer = np.eye(20, dtype=bool)
    within = likeness[same_writer][:, ~np.eye(3, dtype=bool)].mean()
    between = likeness[~same_writer].mean()
    assert within > between + 0.3  # real ones: 0.56 and 0.12
    assert within < 0.85  # a hand, not a stamp


def test_samples_of_a_writer_are_never_the_same():
    assert len({digest(1, 2, sample) for sample in range(20)}) == 20


def test_every_number_of_the_key_counts():
    keys = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1)]
    assert len({digest(*key) for key in keys}) == len(keys)


def test_same_key_gives_same_scan_in_another_process_and_order():
    keys = [(3, writer, sample) for writer in range(3) for sample in range(2)]
    here = [digest(*key) for key in keys]
    make_writer.cache_clear()
    assert [digest(*key) for key in reversed(keys)] == here[::-1]
    code = (
        "import hashlib; from data.signatures.synthetic_signatures import draw_signature as draw\n"
        f"for key in {keys[::-1]}: scan = draw(*key);"
        " print(hashlib.sha256(repr(scan.shape).encode() + scan.tobytes()).hexdigest())"
    )
    assert printed_by(code) == here[::-1]


def test_global_random_state_is_left_alone():
    np.random.seed(5)
    cv2.setRNGSeed(5)
    first = digest(1, 1, 1)
    state = np.random.get_state()[1].tolist()
    np.random.seed(6)
    cv2.setRNGSeed(6)
    assert digest(1, 1, 1) == first
    np.random.seed(5)
    assert np.random.get_state()[1].tolist() == state


@pytest.mark.parametrize("key", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_negative_numbers_are_refused(key):
    with pytest.raises(ValueError, match=r"negative|unsigned|>= ?0"):
        draw_signature(*key)


def test_line_is_thinner_where_the_pen_is_faster():
    speed = np.linspace(0, 5000, 50)
    width = line_width(speed, np.full(50, 1000.0), 4.0, 400.0)
    assert width[0] == pytest.approx(4)
    assert (np.diff(width) < 0).all()
    assert width[-1] > 1.2


def test_line_tapers_where_the_pen_lands_and_lifts():
    width = line_width(np.full(50, 300.0), np.linspace(0, 30, 50), 4.0, 400.0)
    assert (np.diff(width) >= 0).all()
    assert width[0] < 0.7 * width[-1]


def test_faster_pen_leaves_less_ink(monkeypatch):
    person = make_writer(2, 3)
    darkness = []
    for slowness in (3.0, 1.0, 0.3):  # of what the writer takes for a usual speed, hence how fast the same path counts
        monkeypatch.setattr(
            synthetic_signatures,
            "make_writer",
            lambda seed, writer, s=slowness: dataclasses.replace(person, speed=person.speed * s),
        )
        darkness.append(255 - draw_signature(2, 3, 0).mean())
    assert darkness[0] > 1.03 * darkness[1] > 1.03**2 * darkness[2]


def test_writers_have_a_pen_a_tempo_and_strokes_both_on_paper_and_in_the_air():
    writers = [make_writer(7, writer) for writer in range(40)]
    assert all(writer.strokes.pen_down.any() for writer in writers)
    assert np.mean([(~writer.strokes.pen_down).any() for writer in writers]) > 0.8
    assert len({writer.pen_width for writer in writers}) == 40
    assert all(100 < writer.speed < 2000 for writer in writers)
    assert np.ptp([len(writer.strokes.distance) for writer in writers]) > 20
