"""`tf.data` pipelines of (noisy, clean) signature pairs, drawn from `data.pair_pools`.

A training batch is a pure function of (seed, step): no shuffle buffer, no state to save, an O(1) resume, and ranks
that cut the same global batch into slices. Everything works on whole batches of packed bytes; pixels are unpacked last.
"""

import numpy as np
import tensorflow as tf

from data.config import MODEL_SIZE
from data.ink import PACKED_SHAPE
from data.pair_pools import PairPools

_ROWS, _ROW_BYTES = PACKED_SHAPE
_MAX_ROLL_ROWS = 24
_MAX_ROLL_BYTES = 3


def train_pairs(
    pools: PairPools,
    *,
    batch_size: int,
    seed: int,
    first_step: int = 0,
    shard: int = 0,
    shards: int = 1,
    parallel_calls: int | None = None,
) -> tf.data.Dataset:
    """An endless stream of training batches.

    Every epoch shows each signature once, in a new order, as a random variant under a random layer of printed noise
    that is rolled by a few rows and columns.

    Args:
      pools: from `load_pools`.
      batch_size: pairs in a batch of this shard; the global batch is `batch_size * shards`.
      seed: of order and choices.
      first_step: the global step of the first batch, to go on where a checkpoint stands.
      shard, shards: which slice of each global batch to make.
      parallel_calls: batches made at once; None lets tf.data choose.

    Returns:
      Dataset of {"noisy", "clean"}: uint8 [batch_size, 224, 224, 1], 1 = paper, 0 = ink.
    """
    signatures, variants = pools.ink.shape[:2]
    layers = len(pools.noise)
    ink = tf.constant(pools.ink.reshape(signatures * variants, -1))
    noise = tf.constant(pools.noise.reshape(-1))
    rows = tf.range(_ROWS)[None, :, None]
    columns = tf.range(_ROW_BYTES)[None, None, :]

    def make_batch(step: tf.Tensor) -> dict[str, tf.Tensor]:
        position = step * (batch_size * shards) + shard * batch_size + tf.range(batch_size, dtype=tf.int64)
        epoch, offset = position // signatures, position % signatures
        order_seed = tf.stack([tf.fill([batch_size], tf.cast(seed, tf.int64)), tf.zeros_like(epoch), epoch], axis=1)
        signature = tf.raw_ops.RandomIndexShuffle(  # the public wrapper takes one seed, a batch may cross an epoch
            index=offset, seed=tf.cast(order_seed, tf.int32), max_index=tf.cast(signatures - 1, tf.int64), rounds=4
        )
        choice = tf.random.stateless_uniform(
            [batch_size * shards, 5], tf.stack([tf.cast(seed, tf.int64), step]), 0, np.iinfo(np.int32).max, tf.int32
        )[shard * batch_size : (shard + 1) * batch_size]
        variant, layer, still = choice[:, 0] % variants, choice[:, 1] % layers, choice[:, 4] % 2
        down = still * (choice[:, 2] % (2 * _MAX_ROLL_ROWS + 1) - _MAX_ROLL_ROWS)
        right = still * (choice[:, 3] % (2 * _MAX_ROLL_BYTES + 1) - _MAX_ROLL_BYTES)

        clean = tf.gather(ink, tf.cast(signature, tf.int32) * variants + variant)
        row = (rows + down[:, None, None]) % _ROWS
        column = (columns + right[:, None, None]) % _ROW_BYTES
        printed = tf.gather(noise, (layer[:, None, None] * _ROWS + row) * _ROW_BYTES + column)
        noisy = tf.bitwise.bitwise_or(clean, tf.reshape(printed, [batch_size, -1]))
        return {"noisy": _unpack(noisy, batch_size), "clean": _unpack(clean, batch_size)}

    dataset = tf.data.Dataset.range(first_step, np.iinfo(np.int64).max)
    dataset = dataset.map(make_batch, parallel_calls or tf.data.AUTOTUNE, deterministic=True)
    return dataset.prefetch(2)


def validation_pairs(
    noisy: np.ndarray, clean: np.ndarray, *, batch_size: int, shard: int = 0, shards: int = 1
) -> tf.data.Dataset:
    """One pass over fixed pairs.

    The last batch is filled up with pairs of weight 0: every batch has the same shape (accelerators compile once) and
    every shard the same number of batches (collectives stay in step).

    Args:
      noisy, clean: uint8 [n, 224, 28], packed.
      batch_size: pairs in a batch of this shard.
      shard, shards: which pairs to show: shard, shard + shards, ...

    Returns:
      Dataset of {"noisy", "clean"} as in `train_pairs` and "weight", float32 [batch_size], 1 or 0.
    """
    total = len(noisy)
    steps = -(-total // (batch_size * shards))
    index = (np.arange(steps * batch_size) * shards + shard).reshape(steps, batch_size)
    noisy_pool, clean_pool = (tf.constant(pool.reshape(total, -1)) for pool in (noisy, clean))

    def make_batch(positions: tf.Tensor) -> dict[str, tf.Tensor]:
        real = positions < total
        positions = tf.where(real, positions, 0)
        batch = {"noisy": tf.gather(noisy_pool, positions), "clean": tf.gather(clean_pool, positions)}
        return {k: _unpack(v, batch_size) for k, v in batch.items()} | {"weight": tf.cast(real, tf.float32)}

    return tf.data.Dataset.from_tensor_slices(index).map(make_batch).prefetch(1)


_PIXELS_OF_BYTE = np.unpackbits(~np.arange(256, dtype=np.uint8)[:, None], axis=1).view(np.int64)[:, 0]
"""For each packed byte its 8 pixels, 1 = paper, as the 8 bytes of one integer: one gather in place of eight."""


def _unpack(packed: tf.Tensor, batch_size: int) -> tf.Tensor:
    """uint8 [batch, 224 * 28], 1 = ink, to uint8 [batch, 224, 224, 1], 1 = paper."""
    pixels = tf.gather(_PIXELS_OF_BYTE, tf.cast(packed, tf.int32))
    return tf.reshape(tf.bitcast(pixels, tf.uint8), [batch_size, MODEL_SIZE, MODEL_SIZE, 1])
