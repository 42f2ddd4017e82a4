"""`dataset=cedar`: real signatures in the layout of CEDAR's Kaggle folder (`data.signatures.cedar`)."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from data.datasets.signature_dataset import ScannedSignatures, Sources
from data.errors import UserError
from data.options import option
from data.parallel import Progress

if TYPE_CHECKING:
    from data.signatures.cedar import SignatureFile


@dataclasses.dataclass
class Cedar(ScannedSignatures):
    """Signatures of 55 writers, genuine and forged; a forgery counts as a signature of the writer that it imitates."""

    root: str = option()
    download: bool = option()
    held_out_writers: list[int] = option(low=1, splits=True)
    test_writers: list[int] = option(low=1, former=[], splits=True)
    forgeries: bool = option()

    def check(self) -> None:
        if twice := sorted(set(self.test_writers) & set(self.held_out_writers)):
            raise UserError("dataset.test_writers", f"{twice} are in dataset.held_out_writers too")

    def obtain(self, progress: Callable[[str], Progress] | None = None) -> None:
        self._files(progress)

    def sources(self, progress: Callable[[str], Progress] | None = None) -> tuple[Sources, Sources]:
        from data.signatures import cedar
        from data.signatures.signature_sources import file_sources

        everything = self._files(progress)
        files = [file for file in everything if file.writer not in set(self.test_writers)]
        train, validation = cedar.split_by_writer(files, self.held_out_writers)
        if not train or not validation:
            present = sorted({file.writer for file in everything})
            split = "training" if not train else "validation"
            raise UserError(
                "dataset.held_out_writers", f"leaves no signature for {split}; writers in {self.root}: {present}"
            )
        return [*file_sources(train), *self.drawn()], file_sources(validation)

    def test_sources(self) -> Sources:
        from data.signatures.signature_sources import file_sources

        files = [file for file in self._files() if file.writer in set(self.test_writers)]
        if self.test_writers and not files:
            raise UserError("dataset.test_writers", f"none of {self.test_writers} is in {self.root}")
        return file_sources(files)

    def split_lines(self) -> list[tuple[str, str]]:
        files = self._files()
        writers = {file.writer for file in files}
        return [("writers", f"{len(files):,} signatures of {len(writers):,} writers, by CEDAR's names")]

    def _files(self, progress: Callable[[str], Progress] | None = None) -> list["SignatureFile"]:
        from data.fetching.acquisition import CEDAR, missing, obtain
        from data.signatures import cedar

        root = obtain(CEDAR, Path(self.root), self.download, progress)
        files = cedar.find_signatures(root)
        if not self.forgeries:
            files = [file for file in files if file.path.name.startswith("original")]
        if not files:
            raise missing(CEDAR, root)
        return files
