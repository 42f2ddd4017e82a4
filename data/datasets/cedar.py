"""`dataset=cedar`: real signatures in the layout of CEDAR's Kaggle folder (`data.signatures.cedar`)."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from data.datasets.signature_dataset import ScannedSignatures, Sources
from data.errors import UserError
from data.options import option
from data.parallel import Progress


@dataclasses.dataclass
class Cedar(ScannedSignatures):
    """Signatures of 55 writers, genuine and forged; a forgery counts as the hand that it imitates."""

    root: str = option()
    download: bool = option()
    held_out_writers: list[int] = option(low=1)
    forgeries: bool = option()

    def sources(self, progress: Callable[[str], Progress] | None = None) -> tuple[Sources, Sources]:
        from data.fetching.acquisition import CEDAR, missing, obtain
        from data.signatures import cedar
        from data.signatures.pair_pools import file_sources

        root = obtain(CEDAR, Path(self.root), self.download, progress)
        files = cedar.find_signatures(root)
        if not self.forgeries:
            files = [file for file in files if file.path.name.startswith("original")]
        if not files:
            raise missing(CEDAR, root)
        train, validation = cedar.split_by_writer(files, self.held_out_writers)
        if not train or not validation:
            present = sorted({file.writer for file in files})
            split = "training" if not train else "validation"
            raise UserError(
                "dataset.held_out_writers", f"leaves no signature for {split}; writers in {self.root}: {present}"
            )
        return [*file_sources(train), *self.drawn()], file_sources(validation)
