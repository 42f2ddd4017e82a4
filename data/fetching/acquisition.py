"""Finds a dataset in a folder or zip file, or downloads it from Kaggle."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from data.cache import exclusive
from data.commands import command, override
from data.errors import UserError
from data.fetching import kaggle_download
from data.fetching.archives import BadArchive, disk_errors, names_in, remove_leftovers, unpack
from data.parallel import Progress


@dataclasses.dataclass(frozen=True)
class KaggleDataset:
    """A dataset on Kaggle.

    Attributes:
      title: its name in messages.
      holds: what it consists of, in the plural.
      name: `<owner>/<name>` on Kaggle.
      layouts: sets of patterns; a folder holds the dataset if files match all patterns of one set.
      wanted: the first set as text.
    """

    title: str
    holds: str
    name: str
    layouts: tuple[tuple[str, ...], ...]
    wanted: str

    @property
    def page(self) -> str:
        """The address of its page."""
        return f"https://www.kaggle.com/datasets/{self.name}"

    def is_in(self, folder: Path) -> bool:
        """Whether a folder itself holds the dataset."""
        return any(all(any(folder.glob(pattern)) for pattern in layout) for layout in self.layouts)

    def is_in_archive(self, archive: Path) -> bool:
        """Whether a zip file holds the dataset, possibly in a folder. Raises BadArchive."""
        names = names_in(archive)
        return any(
            all(any(fnmatch(f"/{name}", f"*/{pattern}") for name in names) for pattern in layout)
            for layout in self.layouts
        )


SIGNVEROD = KaggleDataset(
    "SignverOD",
    "shards",
    "victordibia/signverod",
    (("tfrecords/train*", "tfrecords/eval*"), ("image_ids.csv", "train.csv", "test.csv", "categories.csv")),
    "tfrecords/train* and tfrecords/eval*",
)
CEDAR = KaggleDataset(
    "CEDAR",
    "images",
    "shreelakshmigp/cedardataset",
    (("signatures/full_org/original_*.png",), ("full_org/original_*.png",)),
    "signatures/full_org/original_<writer>_<n>.png",
)


def obtain(
    dataset: KaggleDataset, root: Path, may_download: bool, progress: Callable[[str], Progress] | None = None
) -> Path:
    """Returns the folder that holds a dataset; unpacks a local zip file or downloads Kaggle's if necessary.

    If several processes on one machine need the dataset, one does the work and the others wait.

    Args:
      dataset: which dataset.
      root: the folder of the dataset, or a zip file. The dataset may be up to two folders deeper; the zip file may also
        be `<root>.zip`, any zip file in `root`, or, if it holds the dataset, any beside it.
      may_download: whether to download it from Kaggle.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: the dataset is missing, what was found cannot be used, or the download fails.
    """
    if folder := locate(dataset, root):
        return folder
    if root.name in ("", ".."):  # "." has no name to put a zip or a lock beside
        root = root.resolve()
    archive = _find_archive(dataset, root)
    if not root.name or (not archive and not may_download):
        raise missing(dataset, root)
    target = root.with_suffix("") if archive == root else root
    with _alone(target):
        if folder := locate(dataset, target):  # another process was quicker
            return folder
        remove_leftovers(target)
        stage = progress or (lambda name: lambda done, total: None)
        if archive:
            _unpack(dataset, archive, target, stage)
        else:
            archive = target.with_name(f"{target.name}.zip")
            by_hand = f"or fetch it by hand:  {dataset.page}, and put the zip at {archive}"
            kaggle_download.download(dataset.name, archive, by_hand, stage("MB downloaded"))
            try:
                _unpack(dataset, archive, target, stage)
            except UserError as error:
                if error.what == str(archive):  # the zip file is wrong; after a full disk it stays
                    archive.unlink()
                raise
            archive.unlink()
    folder = locate(dataset, target)
    if not folder:
        raise missing(dataset, target)
    return folder


def locate(dataset: KaggleDataset, root: Path) -> Path | None:
    """The folder that holds the dataset, `root` or one up to two levels deeper; None if there is none."""
    for pattern in ("", "*/", "*/*/"):
        for folder in sorted(root.glob(pattern)) if pattern else [root]:
            if dataset.is_in(folder) and not any(part.startswith(".") for part in folder.relative_to(root).parts):
                return folder
    return None


def missing(dataset: KaggleDataset, root: Path) -> UserError:
    """The error for a dataset that is missing."""
    name = dataset.title.lower()
    return UserError(
        "dataset.root",
        f"no {dataset.title} {dataset.holds} in {root} (looked for {dataset.wanted}, and for a zip of it)",
        (
            f"get them:  {command('mode=prepare', f'dataset={name}', override('dataset.root', root))}   (needs "
            "KAGGLE_USERNAME and KAGGLE_KEY)",
            f"or by hand:  {dataset.page}, its zip at {root}.zip",
            "have them elsewhere:  dataset.root=<folder or zip>",
            "or train on synthetic data, which needs no download:  dataset=synthetic",
        ),
    )


def _find_archive(dataset: KaggleDataset, root: Path) -> Path | None:
    """A zip file that holds the dataset; None if there is none.

    Raises:
      UserError: a zip file at or in `root`, or called `<root>.zip`, is damaged or holds something else.
    """
    named = [path for path in (root, root.parent / f"{root.name}.zip") if path.is_file()]
    named += sorted(root.glob("*.zip"))
    beside = [path for path in sorted(root.parent.glob("*.zip")) if path not in named]
    refusals = []
    for archive in [*named, *beside]:
        try:
            if dataset.is_in_archive(archive):
                return archive
            refusals.append((archive, f"holds no {dataset.title} (looked for {dataset.wanted})"))
        except BadArchive as error:
            refusals.append((archive, str(error)))
    for archive, why in refusals:
        if archive in named:
            raise UserError(str(archive), why, _remedies(dataset))
    return None


def _unpack(dataset: KaggleDataset, archive: Path, target: Path, stage: Callable[[str], Progress]) -> None:
    if target.is_dir() and any(target.iterdir()):  # it holds the zip file itself, or files of the user
        target = target / dataset.title.lower()
    try:
        if not dataset.is_in_archive(archive):
            raise BadArchive(f"holds no {dataset.title} (looked for {dataset.wanted})")
        unpack(archive, target, stage("MB unpacked"))
    except BadArchive as error:
        raise UserError(str(archive), str(error), _remedies(dataset)) from None


def _remedies(dataset: KaggleDataset) -> tuple[str, ...]:
    return (f"remove it and download it again:  {dataset.page}",)


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Holds the lock of a target folder, which is in its parent folder."""
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(target.parent / f".{target.name}.lock"):
            yield
