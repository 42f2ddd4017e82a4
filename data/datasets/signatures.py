"""`dataset=signatures`: a user's folder of signature images (`data.signatures.signature_folders`)."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.datasets.signature_dataset import ScannedSignatures, Sources
from data.folders import check_folder
from data.options import option
from data.parallel import Progress
from data.signatures.writers import WAYS
from data.splits.checks import check_pattern, check_shares

if TYPE_CHECKING:
    from data.signatures.signature_folders import SplitSignatures


@dataclasses.dataclass
class OwnSignatures(ScannedSignatures):
    """A user's signature images. A split in folders is kept; parts that it lacks are made of whole writers."""

    root: str = option()
    writers: str = option(splits=True)
    held_out: float = option(above=0.0, high=0.9, splits=True)
    test: float = option(low=0.0, high=0.9, former=0.0, splits=True)

    def check(self) -> None:
        check_pattern("dataset.writers", self.writers, WAYS)
        check_shares(self.held_out, self.test)

    def obtain(self, progress: Callable[[str], Progress] | None = None) -> None:
        check_folder(Path(self.root), "signatures")

    def sources(self, progress: Callable[[str], Progress] | None = None) -> tuple[Sources, Sources]:
        from data.signatures.signature_sources import file_sources

        split = self._split()
        return [*file_sources(split.train), *self.drawn()], file_sources(split.validation)

    def test_sources(self) -> Sources:
        from data.signatures.signature_sources import file_sources

        return file_sources(self._split().test)

    def split_lines(self) -> list[tuple[str, str]]:
        return self._split().notes

    def left_out(self) -> str:
        from data.pictures.image_folder import ImageFolder

        return ImageFolder(Path(self.root)).left_out()

    def _split(self) -> "SplitSignatures":
        from data.signatures.signature_folders import read_own_signatures

        return read_own_signatures(Path(self.root), self.writers, self.held_out, self.test)
