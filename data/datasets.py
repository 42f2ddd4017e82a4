"""From the config's dataset group to pools of pairs, with messages for whoever lacks the data."""

from collections.abc import Callable
from pathlib import Path

from omegaconf import DictConfig

from data.bad_share import check_bad_share
from data.errors import UserError
from data.fetching.acquisition import CEDAR, missing, obtain
from data.parallel import Progress
from data.signatures import cedar
from data.signatures.pair_pools import drawn_sources, file_sources, load_pools, PairPools, SignatureSource
from data.signatures.signature_folders import find_own_signatures, split_off_writers


def sources(
    dataset: DictConfig, progress: Callable[[str], Progress] | None = None
) -> tuple[list[SignatureSource], list[SignatureSource]]:
    """(training, validation) signatures of a cleaner dataset, writer-disjoint; nothing is opened yet.

    Args:
      dataset: the composed dataset group.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: the dataset is not there, or a side of the split is empty.
    """
    if dataset.name == "synthetic":
        writers = range(dataset.writers)
        first_held_out = dataset.writers - dataset.held_out_writers
        return tuple(
            drawn_sources(dataset.seed, side, dataset.samples_per_writer)
            for side in (writers[:first_held_out], writers[first_held_out:])
        )
    drawn = drawn_sources(dataset.seed, range(dataset.synthetic_writers), samples=1)
    if dataset.name == "signatures":
        own = find_own_signatures(Path(dataset.root), dataset.writers)
        train, validation = split_off_writers(own, dataset.held_out)
        return [*file_sources(train), *drawn], file_sources(validation)
    root = obtain(CEDAR, Path(dataset.root), dataset.download, progress)
    files = cedar.find_signatures(root)
    if not dataset.forgeries:
        files = [file for file in files if file.path.name.startswith("original")]
    if not files:
        raise missing(CEDAR, root)
    train, validation = cedar.split_by_writer(files, list(dataset.held_out_writers))
    if not train or not validation:
        present = sorted({file.writer for file in files})
        side = "training" if not train else "validation"
        raise UserError(
            "dataset.held_out_writers", f"leaves no signature for {side}; writers in {dataset.root}: {present}"
        )
    return [*file_sources(train), *drawn], file_sources(validation)


def load_pair_pools(dataset: DictConfig, progress: Callable[[str], Progress] | None = None) -> PairPools:
    """Reads or makes the pools of a cleaner dataset.

    Args:
      dataset: the composed dataset group.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: the dataset is not there, or too much of it is bad.
    """
    train, validation = sources(dataset, progress)
    pools = load_pools(
        Path(dataset.cache_dir),
        train,
        validation,
        seed=dataset.seed,
        variants=dataset.variants,
        noise_layers=dataset.noise_layers,
        validation_repeats=dataset.validation_repeats,
        progress=progress,
    )
    empty_side = not len(pools.ink) or not len(pools.validation_clean)
    check_bad_share(pools.bad, len(train) + len(validation), dataset.max_bad_fraction, "scans", empty_side)
    return pools
