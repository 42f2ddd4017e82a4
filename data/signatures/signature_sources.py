"""Sources of the cleaner's signatures: scans in files and drawn samples, before they are read or drawn."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from data.pictures.document_pages import read_page
from data.pictures.headers import frame_count
from data.pictures.reading import BadScan
from data.signatures.cedar import SignatureFile
from data.signatures.synthetic_signatures import draw_signature


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
