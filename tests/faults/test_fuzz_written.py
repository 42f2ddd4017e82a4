"""Random labels of pages as tools write them: every page has its boxes, or is left out with a reason."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzzing import fuzz, ROUND
from hypothesis import strategies as st
from labelling import HEIGHT, picture, read, WIDTH
from PIL import Image
from written_labels import Box, DOCUMENTS, Drawn, expected, GOOD, GRID, LOST, OTHER_CLASS, OUTSIDE, WRITERS


@st.composite
def pages(draw: st.DrawFn) -> bytes:
    """Pages with their boxes, the orientation of `b`, and whether boxes are those of the upright picture."""
    drawn = []
    for file, (_, count) in DOCUMENTS.items():
        numbers = range(1, count + 1) if count > 1 and draw(st.integers(0, 3)) else [0]
        for page in numbers:
            if draw(st.booleans()):
                drawn.append({"file": file, "page": page, "name": draw(st.integers(0, 7)), "boxes": draw(boxes())})
    content = {"pages": drawn, "orientation": draw(st.integers(1, 8)), "upright": draw(st.booleans())}
    return json.dumps(content).encode()


@st.composite
def boxes(draw: st.DrawFn) -> list[Any]:
    sides = st.lists(st.integers(0, GRID), min_size=2, max_size=2, unique=True).map(sorted)
    found = []
    for _ in range(draw(st.integers(0, 3))):
        (top, bottom), (left, right) = draw(sides), draw(sides)
        fate = draw(st.sampled_from((GOOD, GOOD, GOOD, OTHER_CLASS, LOST, OUTSIDE)))
        found.append(((top, left, bottom, right), fate, draw(st.integers(0, 7))))
    return found


def draw_files(root: Path) -> None:
    root.mkdir()
    for number, (name, (suffix, count)) in enumerate(DOCUMENTS.items()):
        if suffix != ".jpg":
            frames = []
            for frame in range(count):
                pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
                pixels[5 * number + frame] = 0
                frames.append(Image.fromarray(pixels))
            frames[0].save(
                root / f"{name}{suffix}", **({} if count == 1 else {"save_all": True, "append_images": frames[1:]})
            )


@pytest.mark.fault(
    "labels of pictures and of pages of TIFF and PDF files, some of them lost, as tools write them",
    "every page has the boxes that were drawn on it, or is left out; none becomes one with nothing on it",
)
@pytest.mark.parametrize("kind", WRITERS)
def test_written_labels(seconds: float, tmp_path: Path, kind: str):
    root = tmp_path / "own"
    draw_files(root)

    def read_labels(made: bytes) -> None:
        content = json.loads(made)
        drawn = [Drawn(**page) for page in content["pages"]]
        orientation, upright = content["orientation"], content["upright"]
        for old in (path for suffix in ("txt", "xml", "json") for path in root.glob(f"*.{suffix}")):
            old.unlink()
        picture(root / "b.jpg", 7, orientation=orientation)
        WRITERS[kind](root, drawn, orientation, upright)
        wanted: dict[str, list[Box]] = {}
        for page in drawn:
            suffix, count = DOCUMENTS[page.file]
            if (found := expected(page)) is not None:
                wanted[f"{page.file}{suffix}" + (f" page {page.page}" if count > 1 else "")] = found
        if not any(wanted.values()):
            return  # refused: nothing to train on
        got = read(root, kind, ["stamp:none"], exif="upright" if upright else "stored")
        boxes_of = {page.name: sorted(map(tuple, page.boxes.tolist())) for page in got.dataset.pages}
        assert boxes_of.keys() == wanted.keys()
        for name, found in boxes_of.items():
            assert np.allclose(np.array(found), np.array(wanted[name]), atol=1e-4), name
        left_out = [page for page in drawn if expected(page) is None]
        assert len(got.dataset.dropped) >= len(left_out)

    assert fuzz(read_labels, pages(), seconds) >= ROUND
