"""Training batches as a pure function of seed and step; validation pairs once each."""

from itertools import islice

import numpy as np
import pytest

from data.fingerprint import Fingerprint
from data.ink import pack
from data.signatures.pair_pipeline import train_pairs, validation_pairs
from data.signatures.pair_pools import PairPools

SIGNATURES, VARIANTS, LAYERS = 10, 2, 5


@pytest.fixture(scope="module")
def pools() -> PairPools:
    """Signature number n has its ink in row band n: it can be told from a picture."""
    rng = np.random.default_rng(0)
    ink = np.zeros((SIGNATURES, VARIANTS, 224, 224), bool)
    for number in range(SIGNATURES):
        ink[number, :, 20 * number : 20 * number + 10, 40:180] = True
    noise = rng.random((LAYERS, 224, 224)) < 0.05
    clean = ink[:5, 0]
    return PairPools(pack(ink), pack(noise), pack(clean | noise), pack(clean), [], "", Fingerprint("", 0, 0))


def batches(pools: PairPools, count: int, **settings) -> list[dict[str, np.ndarray]]:
    settings = {"batch_size": 4, "seed": 1} | settings
    return [dict(batch) for batch in islice(train_pairs(pools, **settings).as_numpy_iterator(), count)]


def assert_same(first: list[dict], second: list[dict]) -> None:
    for one, other in zip(first, second, strict=True):
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def numbers(batch: dict[str, np.ndarray]) -> list[int]:
    return [int(np.flatnonzero((image == 0).any(axis=(1, 2)))[0]) // 20 for image in batch["clean"]]


def test_images_are_white_paper_with_print_added(pools: PairPools):
    for batch in batches(pools, 5):
        assert batch["noisy"].shape == batch["clean"].shape == (4, 224, 224, 1)
        assert batch["noisy"].dtype == np.uint8
        assert set(np.unique(batch["clean"])) == {0, 1}
        assert (batch["clean"].mean(axis=(1, 2, 3)) > 0.9).all()
        assert (batch["noisy"] <= batch["clean"]).all()
        assert (batch["noisy"] < batch["clean"]).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("window", [224, 64])
def test_a_resumed_stream_goes_on_where_it_was(pools: PairPools, window: int):
    assert_same(batches(pools, 6, window=window)[3:], batches(pools, 3, first_step=3, window=window))


@pytest.mark.parametrize("window", [224, 64])
def test_shards_are_slices_of_one_global_batch(pools: PairPools, window: int):
    whole = batches(pools, 4, batch_size=6, window=window)
    parts = [batches(pools, 4, batch_size=3, shard=shard, shards=2, window=window) for shard in (0, 1)]
    joined = [{name: np.concatenate([a[name], b[name]]) for name in a} for a, b in zip(*parts, strict=True)]
    assert_same(whole, joined)


def test_an_epoch_shows_every_signature_once_in_a_new_order(pools: PairPools):
    seen = [number for batch in batches(pools, 10, batch_size=4) for number in numbers(batch)]
    epochs = [seen[start : start + SIGNATURES] for start in range(0, 40, SIGNATURES)]
    assert all(sorted(epoch) == list(range(SIGNATURES)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 4


def test_seeds_differ(pools: PairPools):
    one, other = batches(pools, 1)[0], batches(pools, 1, seed=2)[0]
    assert not np.array_equal(one["noisy"], other["noisy"])


def test_windows_are_cut_alike_and_where_signature_and_print_meet(pools: PairPools):
    held = []
    for batch in batches(pools, 10, window=64):
        assert batch["noisy"].shape == batch["clean"].shape == (4, 64, 64, 1)
        assert (batch["noisy"] <= batch["clean"]).all()
        held += [(image == 0).mean() for image in batch["clean"]]
    whole = np.mean([(image == 0).mean() for batch in batches(pools, 10) for image in batch["clean"]])
    assert np.mean(held) > 1.5 * whole


@pytest.mark.parametrize(("batch_size", "shards"), [(2, 1), (5, 1), (8, 1), (1, 2), (2, 2), (3, 2)])
def test_validation_shows_each_pair_once(pools: PairPools, batch_size: int, shards: int):
    counts, seen = [], []
    for shard in range(shards):
        stream = list(
            validation_pairs(
                pools.validation_noisy, pools.validation_clean, batch_size=batch_size, shard=shard, shards=shards
            ).as_numpy_iterator()
        )
        counts.append(len(stream))
        assert all(batch["noisy"].shape == (batch_size, 224, 224, 1) for batch in stream)
        seen += [number for b in stream for number, weight in zip(numbers(b), b["weight"], strict=True) if weight]
    assert sorted(seen) == [0, 1, 2, 3, 4]
    assert len(set(counts)) == 1
