"""Goal: AP50 on pages turned by 90, 180 and 270 degrees within 0.05 of that on upright ones.

  python benchmarks/bench_turned.py --export <run>/export task=detector dataset=pages dataset.root=<folder>

Measures an exported detector on the validation pages of a dataset, or with dataset.part=test on its test pages. Without
arguments: the pretrained detector on 80 drawn pages.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks import measure
from data.pages.page_augmentation import turn
from data.pages.page_data import Pages
from engine.hardware.tensorflow_setup import configure_tensorflow

GOAL = 0.05
DRAWN = ("dataset=synthetic", "dataset.pages=1", "dataset.held_out_pages=80", "dataset.seed=77", "dataset.slack=0")


class TurnedPages:
    """Pages of a split, turned, with the interface that `evaluate_detector` uses.

    Args:
      pages: the split.
      quarters: quarter turns counterclockwise.
    """

    def __init__(self, pages: Pages, quarters: int) -> None:
        self._pages, self._quarters = pages, quarters
        self.name = pages.name

    def __len__(self) -> int:
        return len(self._pages)

    def full_page(self, index: int) -> np.ndarray:
        """A page, uint8 [H, W]."""
        return turn(self._pages.full_page(index), np.empty((0, 4)), self._quarters)[0]

    def objects(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """(boxes float32 [k, 4], labels int64 [k]) of a page."""
        boxes, labels = self._pages.objects(index)
        return turn(np.zeros((1, 1)), boxes, self._quarters)[1], labels


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--export", type=Path, help="folder of an exported detector (default: the pretrained one)")
    given = options.parse_args()
    config = measure.config_of(["mode=eval", *(given.overrides or ["task=detector", *DRAWN])])
    configure_tensorflow(config)
    from engine.modes.used_models import find_model
    from models.detector.evaluation import evaluate_detector
    from models.detector.export import load_detector

    data = measure.load_data(config)
    pages = data.measured_on_test().validation if config.dataset.part == "test" else data.validation
    export = given.export or find_model("detector", "pretrained").folder(Path(config.dataset.cache_dir))
    detector = load_detector(export)
    found = {90 * quarters: evaluate_detector(detector, TurnedPages(pages, quarters))["AP50"] for quarters in range(4)}
    for degrees, value in found.items():
        measure.show(f"turned by {degrees} degrees", f"AP50 {value:.3f}")
    lost = found[0] - min(found.values())
    measure.report(f"{GOAL} lost at most", f"{lost:.3f}", lost <= GOAL)


if __name__ == "__main__":
    measure.run(main)
