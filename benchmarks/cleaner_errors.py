"""Shows where a cleaner errs: how much of it no cleaner can know, what print it keeps and what ink it loses.

  python benchmarks/cleaner_errors.py --data <CEDAR> [--model <run>]

The pairs are those of the validation part. The ceiling is a cleaner that makes no mistake near print and copies all
dark pixels elsewhere: the noisy and the clean picture are thresholded separately, so they differ there too, and nothing
in the picture tells how. Each of the following rows mends one kind of errors of the measured cleaner and leaves the
others. `mode=eval` draws the worst pairs.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np

from benchmarks import measure
from engine.hardware.tensorflow_setup import configure_tensorflow

NEAR = 3
"""Pixels from print within which the ceiling knows the truth."""


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__)
    options.add_argument("--model", default="pretrained", help="run or export to measure (%(default)s)")
    given = options.parse_args()
    config = measure.config_of(measure.train_overrides(given))
    data = measure.load_data(config)
    configure_tensorflow(config)
    from engine.modes.used_models import find_model
    from models.cleaner.evaluation import evaluate_cleaner
    from models.cleaner.export import load_cleaner

    found = find_model("cleaner", given.model)
    measure.show("cleaner", found.about)
    shown: list[tuple[np.ndarray, ...]] = []
    evaluate_cleaner(
        load_cleaner(found.folder(given.cache)),
        data,
        observe=lambda number, *images: shown.append(tuple(image[..., 0] < 0.5 for image in images)),
    )
    noisy, cleaned, clean = (np.stack(pictures) for pictures in zip(*shown, strict=True))
    for name, f1 in table(noisy, clean, cleaned):
        measure.show(name, f"{f1:.4f}")


def table(noisy: np.ndarray, clean: np.ndarray, cleaned: np.ndarray) -> list[tuple[str, float]]:
    """(name, ink F1) of each row, from ink, bool [n, 224, 224] each; print beside ink is within a pixel of it."""
    from models.cleaner.evaluation import pair_quality

    beside_ink, near_print = grown(clean, 1), grown(noisy & ~grown(clean, 1), NEAR)
    kept, lost = cleaned & ~clean, clean & ~cleaned
    rows = [
        ("doing nothing", noisy),
        ("the ceiling", np.where(near_print, clean, noisy)),
        ("this cleaner", cleaned),
        ("without print beside ink", cleaned & ~(kept & beside_ink)),
        ("without other print", cleaned & ~(kept & ~beside_ink)),
        ("with all ink near print", cleaned | (lost & near_print)),
        ("with all other ink", cleaned | (lost & ~near_print)),
    ]
    return [(name, pair_quality(1.0 - ink, 1.0 - clean)) for name, ink in rows]


def grown(ink: np.ndarray, pixels: int) -> np.ndarray:
    """Ink, bool [n, H, W], and all that is no farther from it than so many pixels."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.stack([cv2.dilate(each.astype(np.uint8), disc) for each in ink]).astype(bool)


if __name__ == "__main__":
    measure.run(main)
