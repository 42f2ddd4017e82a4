"""Packed weights: unpacking gives the packed checkpoint, in half the precision."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from data.errors import UserError
from models.cleaner.autoencoder import build_autoencoder
from models.cleaner.unet import build_unet
from models.pretrained import weights
from models.pretrained.card import CARD, FOLDER, WEIGHTS
from models.pretrained.weights import check_weights, pack_weights, unpack_weights


def saved(network: tf.keras.Model, folder: Path) -> str:
    optimizer = tf.Variable(3.0)
    return tf.train.Checkpoint(model=network, optimizer=optimizer).write(str(folder / "saved"))


def read(network: tf.keras.Model, prefix: Path) -> None:
    tf.train.Checkpoint(model=network).read(str(prefix)).expect_partial().assert_existing_objects_matched()


@pytest.mark.parametrize("build", [lambda: build_unet([8, 8], 4, 1), lambda: build_autoencoder([4, 4], 0.2)])
def test_what_is_unpacked_is_what_was_packed(build, tmp_path: Path):
    first, second = build(), build()
    parameters = pack_weights(saved(first, tmp_path), tmp_path / WEIGHTS)
    assert parameters == first.count_params()
    unpack_weights(tmp_path / WEIGHTS, tmp_path / "checkpoint")
    read(second, tmp_path / "checkpoint")
    for before, after in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(after, before, rtol=1e-3, atol=1e-6)


def test_packing_twice_gives_the_same_bytes(tmp_path: Path):
    prefix = saved(build_unet([8, 8], 4, 1), tmp_path)
    for name in ("one.npz", "two.npz"):
        pack_weights(prefix, tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_weights_beyond_float16_are_refused(tmp_path: Path):
    network = build_unet([8, 8], 4, 1)
    network.weights[0].assign(tf.fill(network.weights[0].shape, 1e6))
    with pytest.raises(UserError, match="does not fit into float16"):
        pack_weights(saved(network, tmp_path), tmp_path / WEIGHTS)
    assert not (tmp_path / WEIGHTS).exists()


def test_a_cut_file_is_one_line(tmp_path: Path):
    whole = (FOLDER / "cleaner" / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="is damaged"):
        unpack_weights(tmp_path / WEIGHTS, tmp_path / "checkpoint")
    (tmp_path / CARD).write_text((FOLDER / "cleaner" / CARD).read_text())
    with pytest.raises(UserError, match="is not what its card says"):
        check_weights(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(UserError, match="is missing"):
        check_weights(tmp_path)


def test_they_are_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = weights.pretrained_checkpoint("cleaner", tmp_path)
    monkeypatch.setattr(weights, "unpack_weights", None)
    assert weights.pretrained_checkpoint("cleaner", tmp_path) == first
    assert Path(f"{first}.index").is_file()
