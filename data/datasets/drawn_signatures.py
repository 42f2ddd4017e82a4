"""`task=cleaner dataset=synthetic`: signatures drawn by a handwriting model (`data.signatures.sigma_lognormal`)."""

import dataclasses
from collections.abc import Callable

from data.datasets.signature_dataset import SignatureDataset, Sources
from data.errors import UserError
from data.options import option
from data.parallel import Progress


@dataclasses.dataclass
class DrawnSignatures(SignatureDataset):
    """Signatures of synthetic writers, of whom the last ones are held out for validation."""

    writers: int = option(low=1, high=100_000, splits=True)
    held_out_writers: int = option(low=1, high=100_000, splits=True)
    samples_per_writer: int = option(low=1, high=1000)

    def check(self) -> None:
        if self.held_out_writers >= self.writers:
            raise UserError(
                "dataset.held_out_writers",
                f"{self.held_out_writers} held out of {self.writers} writers leaves none to train on",
            )

    def sources(self, progress: Callable[[str], Progress] | None = None) -> tuple[Sources, Sources]:
        from data.signatures.signature_sources import drawn_sources

        writers, first_held_out = range(self.writers), self.writers - self.held_out_writers
        train, validation = (
            drawn_sources(self.seed, split, self.samples_per_writer)
            for split in (writers[:first_held_out], writers[first_held_out:])
        )
        return train, validation
