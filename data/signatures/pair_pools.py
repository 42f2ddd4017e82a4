"""The pools from which the cleaner's pairs are drawn: signatures and printed noise at model size, 8 pixels in a byte.

Reading, thresholding, warping and drawing happen here, once for each dataset. Training only combines two rows of the
pools with a bitwise or (`data.signatures.pair_pipeline`), so that accelerators do not wait for data.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data import cache
from data.fingerprint import Fingerprint, fingerprint_of
from data.ink import pack, PACKED_SHAPE, resize_ink, signature_ink
from data.parallel import map_chunks, Progress
from data.pictures.reading import BadScan
from data.signatures.printed_noise import draw_printed_noise
from data.signatures.signature_sources import SignatureSource
from data.signatures.warping import warp_ink

FORMAT = 2
"""Increase it if the code below gives other pools for the same input."""


@dataclasses.dataclass(frozen=True, eq=False)
class FixedPairs:
    """Pairs that do not change between epochs and runs.

    Attributes:
      noisy, clean: uint8 [n, 224, 28], packed, 1 = ink.
    """

    noisy: np.ndarray
    clean: np.ndarray

    def __len__(self) -> int:
        return len(self.clean)


@dataclasses.dataclass(frozen=True, eq=False)
class PairPools:
    """The pools of one dataset, packed (see `data.ink.pack`), 1 = ink.

    Attributes:
      ink: uint8 [signatures, variants, 224, 28], training signatures; variant 0 is the scan itself.
      noise: uint8 [layers, 224, 28], printed noise for training; if `paired`, signatures * variants layers.
      validation: the pairs of the validation part.
      bad: (name, reason) of each scan that was skipped.
      fingerprint: the content key of the dataset and its settings.
      source: fingerprint of the signatures alone, without warps and noise.
      test: the pairs of the test part; None if there is none.
      paired: whether each variant of a signature has its own layer of noise, in the order of `ink`, because both come
        from one page; otherwise any layer is combined with any signature.
    """

    ink: np.ndarray
    noise: np.ndarray
    validation: FixedPairs
    bad: list[tuple[str, str]]
    fingerprint: str
    source: Fingerprint
    test: FixedPairs | None = None
    paired: bool = False

    def noise_over(self, signature: int, variant: int) -> np.ndarray:
        """A layer of noise, uint8 [224, 28], for a variant of a signature."""
        layer = signature * self.ink.shape[1] + variant if self.paired else signature
        return self.noise[layer % len(self.noise)]

    def measured_on_test(self) -> "PairPools":
        """The same pools with the test part, which must exist, in place of the validation part."""
        assert self.test is not None
        return dataclasses.replace(self, validation=self.test)


def load_pools(
    cache_dir: Path,
    train: list[SignatureSource],
    validation: list[SignatureSource],
    *,
    test: Sequence[SignatureSource] = (),
    seed: int,
    variants: int,
    noise_layers: int,
    validation_repeats: int,
    progress: Callable[[str], Progress] | None = None,
) -> PairPools:
    """Reads the pools from the cache, and builds them first if necessary.

    Args:
      cache_dir: where to keep them.
      train, validation, test: the parts of a split by writer.
      seed: of the warps and the noise.
      variants: number of versions of each training signature: the scan itself and warped copies.
      noise_layers: pictures of printed noise to draw for training.
      validation_repeats: noisy versions of each validation signature.
      progress: makes a progress callback for a named stage.

    Returns:
      The pools; arrays are empty if every scan is bad.
    """
    parts = {"train": train, "validation": validation} | ({"test": list(test)} if test else {})
    drawn = {
        name: [dataclasses.astuple(dataclasses.replace(each, path=None)) for each in parts[name]] for name in parts
    }
    paths = [each.path for sources in parts.values() for each in sources if each.path]
    source = fingerprint_of(list(dict.fromkeys(paths)), drawn)
    settings = _Settings(seed, variants, noise_layers, validation_repeats)
    key = cache.content_key({"format": FORMAT, **dataclasses.asdict(settings), "source": source.content})
    measured = [name for name in parts if name != "train"]

    def build(folder: Path) -> None:
        builder = _Builder(settings, progress or (lambda name: lambda done, total: None))
        ink = builder.ink(train)
        pairs = {name: builder.pairs(name, parts[name]) for name in measured}
        noise = builder.noise(train or validation)
        cache.save_arrays(
            folder,
            {"bad": sorted(set(builder.bad))},
            ink=ink,
            noise=noise,
            **{f"{name}_noisy": array[:, 0] for name, array in pairs.items()},
            **{f"{name}_clean": array[:, 1] for name, array in pairs.items()},
        )

    folder = cache.load_or_build(cache_dir, key, build)
    ink, noise = (cache.load_array(folder, name) for name in ("ink", "noise"))
    pairs = {
        name: FixedPairs(*(cache.load_array(folder, f"{name}_{kind}") for kind in ("noisy", "clean")))
        for name in measured
    }
    bad = [tuple(entry) for entry in cache.load_metadata(folder)["bad"]]
    return PairPools(ink, noise, pairs["validation"], bad=bad, fingerprint=key, source=source, test=pairs.get("test"))


@dataclasses.dataclass(frozen=True)
class _Settings:
    """The arguments of `load_pools` of these names."""

    seed: int
    variants: int
    noise_layers: int
    validation_repeats: int


class _Builder:
    """Builds the arrays of pools on every core.

    Args:
      settings: what to build.
      stage: makes a progress callback for a named stage.

    Attributes:
      bad: (name, reason) of each scan that was skipped; a scan may occur several times.
    """

    def __init__(self, settings: _Settings, stage: Callable[[str], Progress]) -> None:
        self._settings, self._stage = settings, stage
        self.bad: list[tuple[str, str]] = []

    def ink(self, sources: Sequence[SignatureSource]) -> np.ndarray:
        """Training signatures, uint8 [signatures, variants, 224, 28]."""
        seed, variants = self._settings.seed, self._settings.variants
        jobs = [(source, _seeds(seed, "warp", number), variants) for number, source in enumerate(sources)]
        return self._gather(_warped_chunk, jobs, "signatures", (variants, *PACKED_SHAPE))

    def pairs(self, part: str, sources: Sequence[SignatureSource]) -> np.ndarray:
        """Noisy and clean pictures of the pairs of a part, uint8 [pairs, 2, 224, 28]."""
        repeats = range(self._settings.validation_repeats)
        jobs = [
            (source, _seeds(self._settings.seed, part, number, repeat))
            for number, source in enumerate(sources)
            for repeat in repeats
        ]
        return self._gather(_pair_chunk, jobs, part, (2, *PACKED_SHAPE))

    def noise(self, sources: Sequence[SignatureSource]) -> np.ndarray:
        """Printed noise at the sizes of the sources, uint8 [layers, 224, 28]."""
        numbers = range(self._settings.noise_layers)
        jobs = [(sources[number % len(sources)], _seeds(self._settings.seed, "noise", number)) for number in numbers]
        return self._gather(_noise_chunk, jobs, "printed noise", PACKED_SHAPE)

    def _gather(
        self, function: Callable[..., Any], jobs: Sequence[Any], stage: str, shape: tuple[int, ...]
    ) -> np.ndarray:
        """Concatenates the arrays, uint8 [n, *shape], that a chunk function returns, and collects bad scans."""
        arrays = []
        for chunk_arrays, chunk_bad in map_chunks(function, jobs, 32, self._stage(stage)):
            arrays += chunk_arrays
            self.bad.extend(chunk_bad)
        return np.concatenate(arrays or [np.zeros((0, *shape), np.uint8)])


def noisy_pair(rng: np.random.Generator, ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Adds printed noise to the ink of one signature at scan size, and resizes both to model size.

    Args:
      rng: source of the noise.
      ink: bool [H, W].

    Returns:
      (noisy, clean): bool [224, 224] each. Noise does not remove ink: both are dark where they overlap.
    """
    noise = draw_printed_noise(rng, ink.shape[1], ink.shape[0])
    return resize_ink(ink | noise), resize_ink(ink)


def _seeds(seed: int, purpose: str, *index: int) -> tuple[int, ...]:
    """Seeds of a generator for one array; the purpose keeps the generators of warps, pairs and noise apart."""
    return (seed, int.from_bytes(purpose.encode()[:4], "big"), *index)


def _ink_or_reason(source: SignatureSource) -> tuple[np.ndarray | None, list[tuple[str, str]]]:
    """(ink of a signature, bool [H, W], or None; its name and the reason if it cannot be used)."""
    try:
        return signature_ink(source.read()), []
    except BadScan as error:
        return None, [(source.name, str(error))]


def _warped_chunk(jobs: Sequence[tuple[Any, ...]]) -> tuple[list[np.ndarray], list[Any]]:
    """(variants of signatures, uint8 [1, variants, 224, 28] each, bad scans); runs in a worker process."""
    arrays, bad = [], []
    for source, seeds, variants in jobs:
        ink, reason = _ink_or_reason(source)
        bad += reason
        if ink is not None:
            rng = np.random.default_rng(seeds)
            warped = [resize_ink(ink), *(resize_ink(warp_ink(rng, ink)) for _ in range(variants - 1))]
            arrays.append(pack(np.stack(warped))[None])
    return arrays, bad


def _pair_chunk(jobs: Sequence[tuple[Any, ...]]) -> tuple[list[np.ndarray], list[Any]]:
    """(noisy and clean pictures, uint8 [1, 2, 224, 28] each, bad scans); runs in a worker process."""
    arrays, bad = [], []
    for source, seeds in jobs:
        ink, reason = _ink_or_reason(source)
        bad += reason
        if ink is not None:
            arrays.append(pack(np.stack(noisy_pair(np.random.default_rng(seeds), ink)))[None])
    return arrays, bad


def _noise_chunk(jobs: Sequence[tuple[Any, ...]]) -> tuple[list[np.ndarray], list[Any]]:
    """(layers of noise, uint8 [1, 224, 28] each, no bad scans); runs in a worker process."""
    arrays = []
    for source, seeds in jobs:
        try:
            height, width = source.read().shape
        except BadScan:
            height, width = 300, 600  # CEDAR's median
        arrays.append(pack(resize_ink(draw_printed_noise(np.random.default_rng(seeds), width, height)))[None])
    return arrays, []
