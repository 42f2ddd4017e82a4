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
from data.pictures.document_pages import read_page
from data.pictures.headers import frame_count
from data.pictures.reading import BadScan
from data.signatures.cedar import SignatureFile
from data.signatures.printed_noise import draw_printed_noise
from data.signatures.synthetic_signatures import draw_signature
from data.signatures.warping import warp_ink

FORMAT = 2
"""Increase it if the code below gives other pools for the same input."""


@dataclasses.dataclass(frozen=True)
class SignatureSource:
    """A signature before it is read or drawn: a page of a file, or a sample of a synthetic writer.

    Attributes:
      name: in messages.
      path: of the file; None for a drawn signature.
      seed, writer, sample: as of `draw_signature`; of a file, the writer alone.
      frame: index of the page in the file.
    """

    name: str
    path: Path | None = None
    seed: int = 0
    writer: int = 0
    sample: int = 0
    frame: int = 0

    def read(self) -> np.ndarray:
        """Reads or draws the scan, uint8 [H, W]. Raises BadScan."""
        return read_page(self.path, self.frame) if self.path else draw_signature(self.seed, self.writer, self.sample)


def file_sources(files: Sequence[SignatureFile]) -> list[SignatureSource]:
    """Sources of scans in files; every page of a TIFF or PDF file is a signature."""
    sources = []
    for file in files:
        pages = _pages_of(file.path)
        for frame in range(pages):
            name = file.path.name if pages == 1 else f"{file.path.name} page {frame + 1}"
            sources.append(SignatureSource(name, file.path, writer=file.writer, frame=frame))
    return sources


def _pages_of(path: Path) -> int:
    try:
        return frame_count(path)
    except BadScan:  # reported when the signature is read
        return 1


def drawn_sources(seed: int, writers: Sequence[int], samples: int) -> list[SignatureSource]:
    """Sources of `samples` drawn signatures of each writer."""
    return [SignatureSource(f"writer {w} sample {s}", None, seed, w, s) for w in writers for s in range(samples)]


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
    validation_repeats: int = 1,
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
    sides = {
        "train": [dataclasses.astuple(dataclasses.replace(s, path=None)) for s in train],
        "validation": [dataclasses.astuple(dataclasses.replace(s, path=None)) for s in validation],
    }
    if test:
        sides["test"] = [dataclasses.astuple(dataclasses.replace(s, path=None)) for s in test]
    paths = [s.path for s in (*train, *validation, *test) if s.path]
    source = fingerprint_of(list(dict.fromkeys(paths)), sides)
    settings = {
        "format": FORMAT,
        "seed": seed,
        "variants": variants,
        "noise_layers": noise_layers,
        "validation_repeats": validation_repeats,
        "source": source.content,
    }
    key = cache.content_key(settings)

    def build(folder: Path) -> None:
        stage = progress or (lambda name: lambda done, total: None)
        bad: list[tuple[str, str]] = []

        def gather(
            function: Callable[..., Any], jobs: list[Any], name: str, shape: tuple[int, ...]
        ) -> list[np.ndarray]:
            arrays = []
            for chunk_arrays, chunk_bad in map_chunks(function, jobs, 32, stage(name)):
                arrays += chunk_arrays
                bad.extend(chunk_bad)
            return arrays or [np.zeros((0, *shape), np.uint8)]

        ink_jobs = [(source, _seeds(seed, "warp", i), variants) for i, source in enumerate(train)]
        ink = gather(_warped_chunk, ink_jobs, "signatures", (variants, *PACKED_SHAPE))

        def gather_pairs(name: str, sources: Sequence[SignatureSource]) -> np.ndarray:
            jobs = [
                (source, _seeds(seed, name, i, r))
                for i, source in enumerate(sources)
                for r in range(validation_repeats)
            ]
            return np.concatenate(gather(_pair_chunk, jobs, name, (2, *PACKED_SHAPE)))

        pairs = {name: gather_pairs(name, sources) for name, sources in measured.items()}
        sources = train or validation
        noise_jobs = [(sources[i % len(sources)], _seeds(seed, "noise", i)) for i in range(noise_layers)]
        noise = gather(_noise_chunk, noise_jobs, "printed noise", PACKED_SHAPE)
        cache.save_arrays(
            folder,
            {"bad": sorted(set(bad))},
            ink=np.concatenate(ink),
            noise=np.concatenate(noise),
            **{f"{name}_noisy": array[:, 0] for name, array in pairs.items()},
            **{f"{name}_clean": array[:, 1] for name, array in pairs.items()},
        )

    measured = {"validation": validation} | ({"test": test} if test else {})
    folder = cache.load_or_build(cache_dir, key, build)
    ink, noise = (cache.load_array(folder, name) for name in ("ink", "noise"))
    pairs = {
        name: FixedPairs(*(cache.load_array(folder, f"{name}_{kind}") for kind in ("noisy", "clean")))
        for name in measured
    }
    bad = [tuple(entry) for entry in cache.load_metadata(folder)["bad"]]
    return PairPools(ink, noise, pairs["validation"], bad=bad, fingerprint=key, source=source, test=pairs.get("test"))


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
    return (seed, int.from_bytes(purpose.encode()[:4], "big"), *index)


def _ink_or_reason(source: SignatureSource) -> tuple[np.ndarray | None, list[tuple[str, str]]]:
    try:
        return signature_ink(source.read()), []
    except BadScan as error:
        return None, [(source.name, str(error))]


def _warped_chunk(jobs: Sequence[tuple[Any, ...]]) -> tuple[list[np.ndarray], list[Any]]:
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
    arrays, bad = [], []
    for source, seeds in jobs:
        ink, reason = _ink_or_reason(source)
        bad += reason
        if ink is not None:
            arrays.append(pack(np.stack(noisy_pair(np.random.default_rng(seeds), ink)))[None])
    return arrays, bad


def _noise_chunk(jobs: Sequence[tuple[Any, ...]]) -> tuple[list[np.ndarray], list[Any]]:
    arrays = []
    for source, seeds in jobs:
        try:
            height, width = source.read().shape
        except BadScan:
            height, width = 300, 600  # CEDAR's median
        arrays.append(pack(resize_ink(draw_printed_noise(np.random.default_rng(seeds), width, height)))[None])
    return arrays, []
