"""What is noted of a page's cut-outs."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.extraction.extraction import Choices, Extraction, Result
from models.extraction.finding import Found
from models.extraction.journal import Journal
from models.extraction.sources import Source

PICTURES = ("found", "cleaned", "transparent")


class OneSignature:
    """Finds the same box on every page."""

    def find(self, page: np.ndarray) -> list[Found]:
        return [Found("signature", 0.9, (100.0, 100.0, 300.0, 180.0))]


class Cleaner:
    """Gives the same whiteness everywhere."""

    def __init__(self, whiteness: float) -> None:
        self._whiteness = whiteness

    def predict(self, images: np.ndarray, **_: object) -> np.ndarray:
        return np.full_like(images, self._whiteness, np.float32)


@pytest.mark.parametrize(("whiteness", "is_blank"), [(0.0, False), (1.0, True)])
def test_a_cut_out_that_cleaning_leaves_without_ink_is_noted(tmp_path: Path, whiteness: float, is_blank: bool):
    page = np.full((400, 500), 255, np.uint8)
    cv2.line(page, (120, 170), (280, 110), 0, 3)
    cv2.imwrite(str(tmp_path / "page.png"), page)
    journal = Journal(tmp_path / "out", tmp_path / "page.png")
    choices = Choices(0.1, ["signature"], 300, PICTURES, "key")
    results: list[Result] = []
    source = Source(tmp_path / "page.png", "page.png", "page")
    Extraction(journal, OneSignature(), Cleaner(whiteness), choices).run([source], results.append)
    (entry,) = journal.records["page.png"]["signatures"]
    journal.close()
    assert [result.counts["signature"] for result in results] == [1]
    assert ("blank" in entry) == is_blank
    assert (cv2.imread(str(tmp_path / "out" / entry["cleaned"])).min() == 255) == is_blank
    assert cv2.imread(str(tmp_path / "out" / entry["found"])).min() == 0
