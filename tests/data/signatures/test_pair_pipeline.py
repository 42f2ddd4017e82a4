"""Training batches as a pure function of seed and step; validation pairs once each."""

import dataclasses
from itertools import islice

import numpy as np
import pytest

from data.fingerprint import Fingerprint
from data.ink import pack
from data.signatures.pair_data import PairData, PairPart
from data.signatures.pair_pipeline import train_pairs, validation_pairs
from data.signatures.pair_pools import FixedPairs, PairPools

SIGNATURES, VARIANTS, LAYERS = 10, 2, 5


@pytest.fixture(scope="module")
def pools() -> PairPools:
    """Signature number n has its ink in row band n: it can be read from a picture."""
    rng = np.random.default_rng(0)
    ink = np.zeros((SIGNATURES, VARIANTS, 224, 224), bool)
    for number in range(SIGNATURES):
        ink[number, :, 20 * number : 20 * number + 10, 40:180] = True
    noise = rng.random((LAYERS, 224, 224)) < 0.05
    clean = ink[:5, 0]
    return PairPools(
        pack(ink), pack(noise), FixedPairs(pack(clean | noise), pack(clean)), [], "", Fingerprint("", 0, 0)
    )


def data(pools: PairPools) -> PairData:
    return PairData((PairPart("", 1.0, pools),))


def batches(pools: PairPools, count: int, **settings) -> list[dict[str, np.ndarray]]:
    settings = {"batch_size": 4, "seed": 1} | settings
    return [dict(batch) for batch in islice(train_pairs(data(pools), **settings).as_numpy_iterator(), count)]


def test_paired_noise_lies_over_its_own_signature_where_it_was(pools: PairPools):
    ink = np.unpackbits(pools.ink, axis=-1).astype(bool)
    own = np.roll(ink, 3, axis=-2) & ~ink  # below each signature three rows of the same length
    paired = dataclasses.replace(pools, noise=pack(own.reshape(-1, 224, 224)), paired=True)
    for batch in batches(paired, 6):
        for noisy, clean in zip(batch["noisy"][..., 0] == 0, batch["clean"][..., 0] == 0, strict=True):
            np.testing.assert_array_equal(noisy, clean | np.roll(clean, 3, axis=0))


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
def test_a_resumed_stream_continues_where_it_ended(pools: PairPools, window: int):
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
                pools.validation.noisy, pools.validation.clean, batch_size=batch_size, shard=shard, shards=shards
            ).as_numpy_iterator()
        )
        counts.append(len(stream))
        assert all(batch["noisy"].shape == (batch_size, 224, 224, 1) for batch in stream)
        seen += [number for b in stream for number, weight in zip(numbers(b), b["weight"], strict=True) if weight]
    assert sorted(seen) == [0, 1, 2, 3, 4]
    assert len(set(counts)) == 1


@pytest.fixture(scope="module")
def mixture(pools: PairPools) -> PairData:
    """The ten signatures twice as often as three with more copies, and one that is only measured."""
    ink = np.zeros((3, 4, 224, 224), bool)
    ink[:, :, 200:210, 100:110] = True
    few = PairPools(pack(ink), pools.noise[:1], pools.validation, [], "", Fingerprint("", 0, 0))
    measured = dataclasses.replace(few, ink=few.ink[:0])
    return PairData((PairPart("real", 2.0, pools), PairPart("drawn", 1.0, few), PairPart("measured", 0.0, measured)))


def of_mixture(mixture: PairData, count: int, **settings) -> list[dict[str, np.ndarray]]:
    return [dict(batch) for batch in islice(train_pairs(mixture, seed=1, **settings).as_numpy_iterator(), count)]


def test_a_mixture_takes_its_parts_by_their_weights(mixture: PairData):
    shown = [number for batch in of_mixture(mixture, 10, batch_size=3) for number in numbers(batch)]
    of_real = [number for number in shown if number < SIGNATURES]
    assert len(of_real) == 20
    assert sorted(of_real[:10]) == sorted(of_real[10:]) == list(range(SIGNATURES))


@pytest.mark.parametrize("window", [64, 224])
def test_a_mixture_is_the_same_for_any_number_of_ranks_and_after_a_resume(mixture: PairData, window: int):
    whole = of_mixture(mixture, 4, batch_size=4, window=window)
    assert_same(of_mixture(mixture, 2, batch_size=4, window=window, first_step=2), whole[2:])
    halves = [of_mixture(mixture, 4, batch_size=2, window=window, shard=shard, shards=2) for shard in range(2)]
    joined = [{name: np.concatenate([a[name], b[name]]) for name in a} for a, b in zip(*halves, strict=True)]
    assert_same(joined, whole)


def test_validation_pairs_of_a_mixture_name_their_part(mixture: PairData):
    parts = mixture.validation_parts
    assert parts == {"real": range(5), "drawn": range(5, 10), "measured": range(10, 15)}
    stream = validation_pairs(mixture.validation_noisy, mixture.validation_clean, batch_size=4).as_numpy_iterator()
    index = [
        number for batch in stream for number, weight in zip(batch["index"], batch["weight"], strict=True) if weight
    ]
    assert index == list(range(15))


def test_a_mixture_offers_all_its_signatures_at_once(mixture: PairData):
    assert mixture.ink.shape == (SIGNATURES + 3, VARIANTS, 224, 28)
    assert len(mixture.noise) == LAYERS + 2
    np.testing.assert_array_equal(mixture.ink[:SIGNATURES], mixture.parts[0].pools.ink)
