"""Where a dataset lies, and how it gets there: a folder or zip that is here already, or Kaggle's."""

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
    """A dataset as Kaggle has it.

    Attributes:
      title: for people.
      holds: what it is made of.
      name: `<owner>/<name>`.
      layouts: a folder holds the dataset if it holds all patterns of one of these.
      wanted: the first of them in words.
    """

    title: str
    holds: str
    name: str
    layouts: tuple[tuple[str, ...], ...]
    wanted: str

    @property
    def page(self) -> str:
        """Its address."""
        return f"https://www.kaggle.com/datasets/{self.name}"

    def is_in(self, folder: Path) -> bool:
        """Whether this very folder holds it."""
        return any(all(any(folder.glob(pattern)) for pattern in layout) for layout in self.layouts)

    def is_in_archive(self, archive: Path) -> bool:
        """Whether a zip file holds it, perhaps in a folder of its own. Raises BadArchive."""
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
    """Returns the folder that holds a dataset; unpacks a zip that is here, or fetches Kaggle's, where it has to.

    Of several processes on one machine one does the work and the others wait for it.

    Args:
      dataset: which.
      root: the folder that is to hold it, or a zip file. It may lie up to two folders deeper; the zip may also be
        `<root>.zip`, any zip in `root`, or, if it holds the dataset, any beside it.
      may_download: whether to ask Kaggle.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: it is nowhere, or what is there cannot be used, or Kaggle does not give it.
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
                if error.what == str(archive):  # it is not what it should be; of a full disk it is not to blame
                    archive.unlink()
                raise
            archive.unlink()
    folder = locate(dataset, target)
    if not folder:
        raise missing(dataset, target)
    return folder


def locate(dataset: KaggleDataset, root: Path) -> Path | None:
    """The folder that holds the dataset: `root` or one up to two levels deeper."""
    for pattern in ("", "*/", "*/*/"):
        for folder in sorted(root.glob(pattern)) if pattern else [root]:
            if dataset.is_in(folder) and not any(part.startswith(".") for part in folder.relative_to(root).parts):
                return folder
    return None


def missing(dataset: KaggleDataset, root: Path) -> UserError:
    """The error for who does not have a dataset."""
    name = dataset.title.lower()
    return UserError(
        "dataset.root",
        f"no {dataset.title} {dataset.holds} in {root} (looked for {dataset.wanted}, and for a zip of it)",
        (
            f"get them:  {command('mode=prepare', f'dataset={name}', override('dataset.root', root))}   (needs "
            "KAGGLE_USERNAME and KAGGLE_KEY)",
            f"or by hand:  {dataset.page}, its zip at {root}.zip",
            "have them elsewhere:  dataset.root=<folder or zip>",
            "or train on made-up data, which needs nothing:  dataset=synthetic",
        ),
    )


def _find_archive(dataset: KaggleDataset, root: Path) -> Path | None:
    """A zip of the dataset; one that was clearly put there for it and is something else is refused."""
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
    if target.is_dir() and any(target.iterdir()):  # the zip itself, or something of the user's
        target = target / dataset.title.lower()
    try:
        if not dataset.is_in_archive(archive):
            raise BadArchive(f"holds no {dataset.title} (looked for {dataset.wanted})")
        unpack(archive, target, stage("MB unpacked"))
    except BadArchive as error:
        raise UserError(str(archive), str(error), _remedies(dataset)) from None


def _remedies(dataset: KaggleDataset) -> tuple[str, ...]:
    return (f"remove it and fetch it anew:  {dataset.page}",)


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(target.parent / f".{target.name}.lock"):
            yield
