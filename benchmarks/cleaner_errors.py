"""Shows where a cleaner errs: how much of it no cleaner can know, what it keeps and loses, and the worst pairs.

  python benchmarks/cleaner_errors.py --data <CEDAR> [--model <run>] [--picture worst.png]

The pairs are those of the validation part. The ceiling is a cleaner that makes no mistake near print and copies all
dark pixels elsewhere: the noisy and the clean picture are thresholded separately, so they differ there too, and nothing
in the picture tells how. The following rows mend a kind of errors of the measured cleaner and leave the others.
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

BATCH = 8


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__)
    options.add_argument("--model", default="pretrained", help="run whose export is measured (%(default)s)")
    options.add_argument("--picture", type=Path, help="file for the worst pairs: noisy, cleaned, target")
    options.add_argument("--worst", type=int, default=20, help="how many pairs the picture shows (%(default)s)")
    given = options.parse_args()
    config = measure.config_of(measure.train_overrides(given))
    pairs = measure.load_data(config).validation
    configure_tensorflow(config)
    from data.ink import unpack
    from models.cleaner.drawing import save_sheet, triptych

    noisy, clean = unpack(pairs.noisy), unpack(pairs.clean)
    cleaned = clean_all(given.model, config, noisy)
    for name, f1 in table(noisy, clean, cleaned):
        measure.show(name, f"{f1:.4f}")
    if given.picture:
        quality = [ink_f1(*pair) for pair in zip(cleaned, clean, strict=True)]
        worst = np.argsort(quality)[: given.worst]
        save_sheet(given.picture, [triptych(*(1.0 - ink[i] for ink in (noisy, cleaned, clean))) for i in worst])


def clean_all(model: str, config, noisy: np.ndarray) -> np.ndarray:
    """The ink, bool [n, 224, 224], that a model keeps of noisy ink of the same shape."""
    import tensorflow as tf

    from engine.modes.used_models import find_model
    from models.cleaner.export import load_cleaner

    found = find_model("cleaner", model)
    measure.show("cleaner", found.about)
    cleaner = load_cleaner(found.folder(Path(config.dataset.cache_dir)))
    images = np.repeat(1.0 - noisy[..., None].astype(np.float32), 3, axis=-1)
    parts = [np.asarray(cleaner(tf.constant(images[i : i + BATCH]))) for i in range(0, len(images), BATCH)]
    return np.concatenate(parts)[..., 0] < 0.5


def table(noisy: np.ndarray, clean: np.ndarray, cleaned: np.ndarray) -> list[tuple[str, float]]:
    """(name, ink F1) of each row, from ink, bool [n, 224, 224] each; print beside ink is within a pixel of it."""
    beside_ink, near_print = grown(clean, 1), grown(noisy & ~grown(clean, 1), NEAR)
    kept, lost = cleaned & ~clean, clean & ~cleaned
    return [
        ("doing nothing", ink_f1(noisy, clean)),
        ("the ceiling", ink_f1(np.where(near_print, clean, noisy), clean)),
        ("this cleaner", ink_f1(cleaned, clean)),
        ("without print beside ink", ink_f1(cleaned & ~(kept & beside_ink), clean)),
        ("without other print", ink_f1(cleaned & ~(kept & ~beside_ink), clean)),
        ("with all ink near print", ink_f1(cleaned | (lost & near_print), clean)),
        ("with all other ink", ink_f1(cleaned | (lost & ~near_print), clean)),
    ]


def grown(ink: np.ndarray, pixels: int) -> np.ndarray:
    """Ink, bool [n, H, W], and all that is no farther from it than so many pixels."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.stack([cv2.dilate(each.astype(np.uint8), disc) for each in ink]).astype(bool)


def ink_f1(found: np.ndarray, true: np.ndarray) -> float:
    """F1 of found ink, bool of any shape."""
    return float(2 * (found & true).sum() / max(1, found.sum() + true.sum()))


if __name__ == "__main__":
    main()
