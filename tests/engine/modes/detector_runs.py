"""A short run of the detector, and checks of its files."""

from pathlib import Path

import numpy as np
from small_runs import TRAINED_DETECTOR

SHORT = (*TRAINED_DETECTOR, "trainer.train_steps=8", "trainer.validation_interval=4", "deterministic=true")


def run_folder(cwd: Path) -> Path:
    (folder,) = (cwd / "outputs" / "detector").iterdir()
    return folder


def weights(prefix: Path) -> dict[str, np.ndarray]:
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(prefix))
    names = [name for name in reader.get_variable_to_shape_map() if name.startswith("model/") and "SLOT" not in name]
    return {name: reader.get_tensor(name) for name in names if reader.get_tensor(name).dtype.kind == "f"}
