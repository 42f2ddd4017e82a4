"""`dataset=signatures`: any folder of signature images (`data.signatures.signature_folders`)."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from data.datasets.signature_dataset import ScannedSignatures, Sources
from data.options import option
from data.parallel import Progress


@dataclasses.dataclass
class OwnSignatures(ScannedSignatures):
    """Signature images of one's own; whole writers are held out for validation."""

    root: str = option()
    writers: str = option(choices=("auto", "folder", "name", "file"))
    held_out: float = option(above=0.0, high=0.9)

    def sources(self, progress: Callable[[str], Progress] | None = None) -> tuple[Sources, Sources]:
        from data.signatures.pair_pools import file_sources
        from data.signatures.signature_folders import find_own_signatures, split_off_writers

        own = find_own_signatures(Path(self.root), self.writers)
        train, validation = split_off_writers(own, self.held_out)
        return [*file_sources(train), *self.drawn()], file_sources(validation)

    def left_out(self) -> str:
        from data.pictures.image_folder import ImageFolder

        return ImageFolder(Path(self.root)).left_out()
