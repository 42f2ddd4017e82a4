"""`tf.data` pipelines of (noisy, clean) signature pairs, drawn from `data.signatures.pair_pools`.

A training batch is a pure function of (seed, step): there is no shuffle buffer and no state to save, a run resumes in
O(1), and each rank takes a slice of the same global batch. The operations work on whole batches of packed bytes and
unpack the pixels last.
"""

import numpy as np
import tensorflow as tf

from data.ink import PACKED_SHAPE
from data.signatures.pair_data import in_one, PairData
from data.signver import MODEL_SIZE
from data.step_pipeline import step_pipeline

_ROWS, _ROW_BYTES = PACKED_SHAPE
_MAX_ROLL_ROWS = 24
_MAX_ROLL_BYTES = 3
_LARGE = np.iinfo(np.int32).max


def train_pairs(
    data: PairData,
    *,
    batch_size: int,
    seed: int,
    first_step: int = 0,
    shard: int = 0,
    shards: int = 1,
    window: int = MODEL_SIZE,
    parallel_calls: int | None = None,
) -> tf.data.Dataset:
    """An endless stream of training batches.

    Every epoch of a part shows each of its signatures once, in a new order: a random variant with a random layer of the
    part's printed noise, rolled by a few rows and columns. Paired noise is not rolled.

    Args:
      data: the dataset.
      batch_size: pairs in a batch of this shard; the global batch is `batch_size * shards`.
      seed: of order and random choices.
      first_step: the global step of the first batch; after a resume, that of the checkpoint.
      shard, shards: index and number of the slices of each global batch.
      window: side in pixels, a multiple of 8, of a random part of each pair, mostly one with both signature and print,
        from which the network learns most; 224 shows the whole pair.
      parallel_calls: batches made at once; None lets tf.data choose.

    Returns:
      Dataset of {"noisy", "clean"}: uint8 [batch_size, window, window, 1], 1 = paper, 0 = ink.
    """
    pools, mixing = [part.pools for part in data.parts], data.mixing
    signatures_of, variants_of = np.array([each.ink.shape[:2] for each in pools], np.int64).T
    layers_of = np.array([len(each.noise) for each in pools], np.int32)
    paired_of = np.array([each.paired for each in pools])
    first_ink_of, first_layer_of = (
        np.cumsum([0, *counts[:-1]]).astype(np.int32) for counts in (signatures_of * variants_of, layers_of)
    )
    ink = tf.constant(in_one([each.ink.reshape(-1, _ROWS * _ROW_BYTES) for each in pools]))
    noise = tf.constant(in_one([each.noise.reshape(-1) for each in pools]))
    rows = tf.range(_ROWS)[None, :, None]
    columns = tf.range(_ROW_BYTES)[None, None, :]

    def make_batch(step: tf.Tensor) -> dict[str, tf.Tensor]:
        position = step * (batch_size * shards) + shard * batch_size + tf.range(batch_size, dtype=tf.int64)
        block, place = position // len(mixing.part), position % len(mixing.part)
        part = tf.gather(mixing.part, place)
        number = block * tf.gather(mixing.counts, part) + tf.gather(mixing.before, place)
        signatures, variants = tf.gather(signatures_of, part), tf.cast(tf.gather(variants_of, part), tf.int32)
        layers, first_ink = tf.gather(layers_of, part), tf.gather(first_ink_of, part)
        epoch, offset = number // signatures, number % signatures
        order_seed = tf.stack([tf.fill([batch_size], tf.cast(seed, tf.int64)), tf.zeros_like(epoch), epoch], axis=1)
        signature = tf.raw_ops.RandomIndexShuffle(  # the public wrapper takes one seed; a batch may have two epochs
            index=offset, seed=tf.cast(order_seed, tf.int32), max_index=signatures - 1, rounds=4
        )
        step_seed = tf.stack([tf.cast(seed, tf.int64), step])
        mine = slice(shard * batch_size, (shard + 1) * batch_size)
        choice = tf.random.stateless_uniform([batch_size * shards, 5], step_seed, 0, _LARGE, tf.int32)[mine]
        copy = tf.cast(signature, tf.int32) * variants + choice[:, 0] % variants
        paired = tf.gather(paired_of, part)
        moved = tf.where(paired, 0, choice[:, 4] % 2)
        layer = tf.gather(first_layer_of, part) + tf.where(paired, copy, choice[:, 1] % layers)
        down = moved * (choice[:, 2] % (2 * _MAX_ROLL_ROWS + 1) - _MAX_ROLL_ROWS)
        right = moved * (choice[:, 3] % (2 * _MAX_ROLL_BYTES + 1) - _MAX_ROLL_BYTES)

        clean = tf.gather(ink, first_ink + copy)
        clean = tf.reshape(clean, [batch_size, *PACKED_SHAPE])
        row = (rows + down[:, None, None]) % _ROWS
        column = (columns + right[:, None, None]) % _ROW_BYTES
        printed = tf.gather(noise, (layer[:, None, None] * _ROWS + row) * _ROW_BYTES + column)
        pair = {"noisy": tf.bitwise.bitwise_or(clean, printed), "clean": clean}
        if window < MODEL_SIZE:
            count = _window_places(window) ** 2
            uniform = tf.random.stateless_uniform([batch_size * shards, count], step_seed + 1)[mine]
            corners = _interesting_windows(clean, printed, window, uniform)
            pair = {name: _cut(packed, *corners, window) for name, packed in pair.items()}
        return {name: _unpack(packed, window) for name, packed in pair.items()}

    return step_pipeline(make_batch, first_step, parallel_calls)


def validation_pairs(
    noisy: np.ndarray, clean: np.ndarray, *, batch_size: int, shard: int = 0, shards: int = 1
) -> tf.data.Dataset:
    """One pass over fixed pairs.

    The last batch is padded with pairs of weight 0. So every batch has the same shape, for which accelerators compile
    once, and every shard has the same number of batches, which collective operations require.

    Args:
      noisy, clean: uint8 [n, 224, 28], packed.
      batch_size: pairs in a batch of this shard.
      shard, shards: which pairs to show: number `shard`, `shard + shards` and so on.

    Returns:
      Dataset of {"noisy", "clean"} as in `train_pairs`, "weight", float32 [batch_size], 1 or 0, and "index",
      int64 [batch_size], which pair it is.
    """
    total = len(noisy)
    steps = -(-total // (batch_size * shards))
    index = (np.arange(steps * batch_size) * shards + shard).reshape(steps, batch_size)
    noisy_pool, clean_pool = (tf.constant(pool) for pool in (noisy, clean))

    def make_batch(positions: tf.Tensor) -> dict[str, tf.Tensor]:
        real = positions < total
        positions = tf.where(real, positions, 0)
        batch = {"noisy": tf.gather(noisy_pool, positions), "clean": tf.gather(clean_pool, positions)}
        images = {name: _unpack(packed, MODEL_SIZE) for name, packed in batch.items()}
        return {**images, "weight": tf.cast(real, tf.float32), "index": positions}

    in_graph = tf.autograph.experimental.do_not_convert(make_batch)
    return tf.data.Dataset.from_tensor_slices(index).map(in_graph).prefetch(1)


_TILE = 8
_TILES = MODEL_SIZE // _TILE


def _window_places(window: int) -> int:
    """Number of positions of a window along one side: one at every eighth pixel."""
    return _TILES - window // _TILE + 1


def _interesting_windows(
    clean: tf.Tensor, printed: tf.Tensor, window: int, uniform: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Draws a window of each pair, with probabilities that grow with the square of the ink of both signature and print.

    Args:
      clean, printed: uint8 [B, 224, 28], packed.
      window: side in pixels.
      uniform: float32 [B, places squared], random numbers in [0, 1).

    Returns:
      (row, column) of the windows' corners in tiles of 8 pixels, int32 [B] each.
    """
    places = _window_places(window)
    held = []
    for packed in (clean, tf.bitwise.bitwise_and(printed, tf.bitwise.invert(clean))):
        pixels = tf.cast(tf.raw_ops.PopulationCount(x=packed), tf.int32)
        tiles = tf.reduce_sum(tf.reshape(pixels, [-1, _TILES, _TILE, _TILES]), axis=2)
        sums = tf.pad(tf.cumsum(tf.cumsum(tiles, axis=1), axis=2), [[0, 0], [1, 0], [1, 0]])
        near, far = slice(0, places), slice(window // _TILE, None)  # a window's sum from four corners of the table
        held.append(sums[:, far, far] - sums[:, near, far] - sums[:, far, near] + sums[:, near, near])
    both = tf.cast(tf.reshape(tf.minimum(*held), [-1, places**2]), tf.float32)
    gumbel = -tf.math.log(-tf.math.log(tf.clip_by_value(uniform, 1e-6, 1 - 1e-6)))  # draws by the Gumbel-max trick
    place = tf.argmax(2 * tf.math.log(both + _BASE_PIXELS) + gumbel, axis=1, output_type=tf.int32)
    return place // places, place % places


_BASE_PIXELS = 5.0
"""Pixels added to the ink of a window, so that windows without print or without signature are sometimes drawn."""


def _cut(packed: tf.Tensor, row: tf.Tensor, column: tf.Tensor, window: int) -> tf.Tensor:
    """Cuts windows, uint8 [B, window, window / 8], from uint8 [B, 224, 28] at corners in tiles, int32 [B] each."""
    rows = (row * _TILE)[:, None] + tf.range(window)
    columns = column[:, None] + tf.range(window // _TILE)
    return tf.gather(tf.gather(packed, rows, batch_dims=1), columns, axis=2, batch_dims=1)


_PIXELS_OF_BYTE = np.unpackbits(~np.arange(256, dtype=np.uint8)[:, None], axis=1).view(np.int64)[:, 0]
"""The 8 pixels of each packed byte, 1 = paper, as the bytes of one integer: one gather instead of eight."""


def _unpack(packed: tf.Tensor, size: int) -> tf.Tensor:
    """Unpacks uint8 [B, size, size / 8], 1 = ink, to uint8 [B, size, size, 1], 1 = paper."""
    pixels = tf.gather(_PIXELS_OF_BYTE, tf.cast(packed, tf.int32))
    return tf.reshape(tf.bitcast(pixels, tf.uint8), [-1, size, size, 1])
