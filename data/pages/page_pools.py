"""Caches pages at the size that training needs.

Pages have up to 4400x3400 pixels. Decoding one takes about 20 ms of a core; cached pages are memory-mapped.
"""

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from data import cache
from data.fingerprint import Fingerprint, fingerprint_of
from data.pages.canvas import Canvas, shrink
from data.pages.page_records import BadPage, decode_page, parse_page, upright_boxes
from data.pages.tf_examples import BrokenRecord, read_record, record_offsets
from data.parallel import map_chunks, Progress

FORMAT = 2
"""Increase it if the code below gives another cache for the same input."""

_CHUNK = 8

Position = tuple[str, int, int]
"""The position of a record: shard, offset in bytes, index in the shard."""


@dataclasses.dataclass(frozen=True, eq=False)
class PageSet:
    """The pages of one part of a split.

    Attributes:
      pixels: uint8 [bytes of all pages], memory-mapped from the cache, the pages one after the other.
      offsets: int64 [n], where each page begins.
      sizes: int64 [n, 2], height and width in the cache.
      full_sizes: int64 [n, 2], height and width as shipped.
      boxes: float32 [m, 4], of all pages, shares of the page.
      labels: int64 [m].
      first_box: int64 [n + 1]: the boxes of page i are first_box[i] to first_box[i + 1].
      names: of the pages.
      positions: of the pages' records.
    """

    pixels: np.ndarray
    offsets: np.ndarray
    sizes: np.ndarray
    full_sizes: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    first_box: np.ndarray
    names: list[str]
    positions: list[Position]

    def __len__(self) -> int:
        return len(self.offsets)

    def page(self, index: int) -> np.ndarray:
        """A cached page, uint8 [h, w], 0 black to 255 white."""
        height, width = self.sizes[index]
        start = self.offsets[index]
        return self.pixels[start : start + height * width].reshape(height, width)

    def objects(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """(boxes float32 [k, 4], labels int64 [k]) of a page."""
        mine = slice(self.first_box[index], self.first_box[index + 1])
        return self.boxes[mine], self.labels[mine]

    def only(self, indices: Sequence[int]) -> "PageSet":
        """The pages with these indices, in this order."""
        chosen = np.asarray(indices, np.int64)
        counts = self.first_box[chosen + 1] - self.first_box[chosen]
        boxes = [np.arange(self.first_box[index], self.first_box[index + 1]) for index in chosen]
        rows = np.concatenate([*boxes, np.zeros(0, np.int64)])
        return dataclasses.replace(
            self,
            offsets=self.offsets[chosen],
            sizes=self.sizes[chosen],
            full_sizes=self.full_sizes[chosen],
            boxes=self.boxes[rows],
            labels=self.labels[rows],
            first_box=np.concatenate([[0], np.cumsum(counts)]),
            names=[self.names[index] for index in chosen],
            positions=[self.positions[index] for index in chosen],
        )

    def name(self, index: int) -> str:
        """The name of a page."""
        return self.names[index]

    def full_page(self, index: int) -> np.ndarray:
        """A page as shipped, uint8 [H, W], decoded from its shard."""
        path, offset, _ = self.positions[index]
        return decode_page(parse_page(read_record(path, offset)))


@dataclasses.dataclass(frozen=True, eq=False)
class PagePools:
    """The pages of a dataset by part of its split.

    Attributes:
      train, validation: the parts for training and validation.
      bad: (shard and record, reason) of each record that was skipped.
      records: number of records, bad ones included.
      fingerprint: the content key of the dataset and its sizes.
      source: fingerprint of the shards alone.
      test: the test part; None if there is none.
    """

    train: PageSet
    validation: PageSet
    bad: list[tuple[str, str]]
    records: int
    fingerprint: str
    source: Fingerprint
    test: PageSet | None = None

    @property
    def splits(self) -> tuple[PageSet, PageSet, PageSet | None]:
        """The parts for training, validation and test; None in place of a missing test part."""
        return self.train, self.validation, self.test

    def measured_on_test(self) -> "PagePools":
        """The same pools with the test part, which must exist, in place of the validation part."""
        assert self.test is not None
        return dataclasses.replace(self, validation=self.test)


def load_page_pools(
    cache_dir: Path,
    train: Sequence[Path],
    validation: Sequence[Path],
    *,
    test: Sequence[Path] = (),
    train_canvas: Canvas,
    validation_canvas: Canvas,
    progress: Callable[[str], Progress] | None = None,
) -> PagePools:
    """Reads the pages from the cache, and builds it from the shards first if necessary.

    Args:
      cache_dir: where to keep them.
      train, validation, test: TFRecord shards.
      train_canvas, validation_canvas: to which cached pages are shrunk, those of the test part as those for validation;
        a smaller page keeps its size.
      progress: makes a progress callback for a named stage.
    """
    counts = {"train": len(train)} | ({"test": len(test)} if test else {})
    source = fingerprint_of([*train, *validation, *test], counts)
    settings = {
        "format": FORMAT,
        "kind": "pages",
        "source": source.content,
        "sizes": (train_canvas.size, validation_canvas.size),
    }
    if train_canvas.stretched:
        settings["stretched"] = True
    key = cache.content_key(settings)

    def build(folder: Path) -> None:
        stage = progress or (lambda name: lambda done, total: None)
        for name, shards in parts.items():
            canvas = train_canvas if name == "train" else validation_canvas
            _build_part(folder, name, shards, canvas, stage(f"{name} pages"))

    parts = {"train": train, "validation": validation} | ({"test": test} if test else {})
    folder = cache.load_or_build(cache_dir, key, build)
    loaded = {name: _load_part(folder, name, shards) for name, shards in parts.items()}
    bad = [entry for _, of_part, _ in loaded.values() for entry in of_part]
    records = sum(count for *_, count in loaded.values())
    sets = {name: pages for name, (pages, *_) in loaded.items()}
    return PagePools(sets["train"], sets["validation"], bad, records, key, source, sets.get("test"))


def _build_part(folder: Path, name: str, shards: Sequence[Path], canvas: Canvas, progress: Progress) -> None:
    """Writes the files of one part to the cache: `<name>_pixels.bin`, `_table.npy`, `_boxes.npy` and so on."""
    bad: list[tuple[str, str]] = []
    positions: list[Position] = []
    for shard in shards:
        offsets, cut = record_offsets(shard)
        positions += [(str(shard), offset, number) for number, offset in enumerate(offsets)]
        if cut:
            bad.append((f"{shard.name} record {len(offsets)}", f"{cut}; nothing after it can be read"))
    rows, boxes, labels, names, kept, end = [], [], [], [], [], 0
    jobs = [(*position, canvas) for position in positions]
    with open(folder / f"{name}_pixels.bin", "wb") as file:
        chunks = map_chunks(_read_pages, jobs, _CHUNK, progress)
        for position, result in zip(positions, (page for chunk in chunks for page in chunk), strict=True):
            if isinstance(result, str):
                bad.append((f"{Path(position[0]).name} record {position[2]}", result))
                continue
            page, full_size, page_boxes, page_labels, page_name = result
            file.write(page.tobytes())
            rows.append((end, *page.shape, *full_size, len(page_labels)))
            end += page.size
            boxes.append(page_boxes)
            labels.append(page_labels)
            names.append(page_name)
            kept.append((Path(position[0]).name, *position[1:]))
    table = np.array(rows, np.int64).reshape(-1, 6)
    np.save(folder / f"{name}_table.npy", table)
    np.save(folder / f"{name}_boxes.npy", np.concatenate([*boxes, np.zeros((0, 4), np.float32)]))
    np.save(folder / f"{name}_labels.npy", np.concatenate([*labels, np.zeros(0, np.int64)]))
    metadata = {"names": names, "positions": kept, "bad": bad, "records": len(positions)}
    (folder / f"{name}_facts.json").write_text(json.dumps(metadata), encoding="utf-8")


def _read_pages(jobs: Sequence[tuple[str, int, int, Canvas]]) -> list[Any]:
    """For each record (page, full size, boxes, labels, name), or why it cannot be used; runs in a worker process."""
    cv2.setNumThreads(1)
    results: list[Any] = []
    for path, offset, _, canvas in jobs:
        try:
            record = parse_page(read_record(path, offset))
            pixels = decode_page(record)
            if min(pixels.shape) < 8:
                raise BadPage(f"only {pixels.shape[1]}x{pixels.shape[0]} pixels")
            results.append((shrink(pixels, canvas), pixels.shape, upright_boxes(record), record.labels, record.name))
        except (BadPage, BrokenRecord) as error:
            results.append(str(error))
    return results


def _load_part(folder: Path, name: str, shards: Sequence[Path]) -> tuple[PageSet, list[tuple[str, str]], int]:
    """(pages, bad records, number of records) of a part, from the files of `_build_part`."""
    metadata = json.loads((folder / f"{name}_facts.json").read_text(encoding="utf-8"))
    table = cache.load_array(folder, f"{name}_table")
    file = folder / f"{name}_pixels.bin"
    pixels = np.memmap(file, np.uint8, "r") if file.stat().st_size else np.zeros(0, np.uint8)
    path_of = {shard.name: str(shard) for shard in shards}
    page_set = PageSet(
        pixels,
        offsets=table[:, 0],
        sizes=table[:, 1:3],
        full_sizes=table[:, 3:5],
        boxes=cache.load_array(folder, f"{name}_boxes"),
        labels=cache.load_array(folder, f"{name}_labels"),
        first_box=np.concatenate([[0], np.cumsum(table[:, 5])]),
        names=metadata["names"],
        positions=[(path_of[shard], offset, number) for shard, offset, number in metadata["positions"]],
    )
    return page_set, [tuple(entry) for entry in metadata["bad"]], metadata["records"]
