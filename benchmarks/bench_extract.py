"""Goal: mode=extract processes 10 letter pages of 300 dpi per second, read from PNG files, in constant memory.

The goal is for two cores. The script draws pages, resizes them to 3300x2550 pixels, adds grain, and extracts from them
as `train.py` does, with the pretrained models: first from a few and from half of the pages, then from all of them,
which is measured. Loading TensorFlow and the models is not counted. The script also reports the processor time of a
page, which depends less on other load.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
from PIL import Image

from benchmarks import measure
from data.drawn_pages import draw_page
from data.parallel import map_chunks, usable_cores
from engine.hardware.tensorflow_setup import configure_tensorflow

GOAL = 10.0
SIZE = (3300, 2550)
GROWTH = 1.1


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--pages", type=int, default=60, help="pages to extract from (%(default)s)")
    options.add_argument("--score", type=float, default=0.3, help="as extract.score (%(default)s)")
    given = options.parse_args()
    config = measure.config_of(["mode=extract", "extract.input=.", f"extract.score={given.score}", *given.overrides])
    configure_tensorflow(config)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "scans")
        folder.mkdir()
        jobs = [(str(folder), number) for number in range(given.pages)]
        list(map_chunks(_draw, jobs, 8))
        megabytes = sum(file.stat().st_size for file in folder.iterdir()) / given.pages / 1e6
        measure.show("pages", f"{given.pages} of {SIZE[1]}x{SIZE[0]} pixels, {megabytes:.1f} MB each")
        few = Path(scratch, "few")
        few.mkdir()
        for file in sorted(folder.iterdir())[:6]:
            (few / file.name).symlink_to(file)
        extraction = _Extraction(config)
        extraction.run(few, Path(scratch, "warm"))
        half = Path(scratch, "half")
        half.mkdir()
        for file in sorted(folder.iterdir())[: given.pages // 2]:
            (half / file.name).symlink_to(file)
        extraction.run(half, Path(scratch, "half_out"))
        before, cpu, started = _peak_megabytes(), time.process_time(), time.perf_counter()
        found = extraction.run(folder, Path(scratch, "out"))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        growth = _peak_megabytes() / before
    rate = given.pages / seconds
    measure.show("found", f"{found} cut-outs")
    measure.show("pages per second", f"{rate:.1f} on {usable_cores()} cores")
    measure.show("processor time per page", f"{cpu / given.pages * 1000:.0f} ms")
    measure.show("cores busy", f"{cpu / seconds:.2f}")
    measure.show("peak memory, twice the pages by half", f"{growth:.3f} of {before:.0f} MB")
    measure.report(f"peak memory grows by {GROWTH} at most", f"{growth:.3f}", growth <= GROWTH)
    measure.report(f"{GOAL:.0f} pages per second", f"{rate:.1f}", rate >= GOAL)


class _Extraction:
    """The models, loaded once."""

    def __init__(self, config) -> None:
        from engine.modes.used_models import find_model
        from models.cleaner.export import load_cleaner
        from models.detector.export import load_detector
        from models.extraction.cutting import QuickModel
        from models.extraction.extraction import Choices
        from models.extraction.finding import Finder

        settings, cache = config.extract, Path(config.dataset.cache_dir)
        detector, cleaner = (find_model(task, getattr(settings, task)) for task in ("detector", "cleaner"))
        self._finder = Finder(load_detector(detector.folder(cache)), detector.size, settings.score)
        self._cleaner = QuickModel(load_cleaner(cleaner.folder(cache)))
        self._choices = Choices(settings.margin, settings.classes, settings.dpi, settings.write, "benchmark")

    def run(self, folder: Path, output: Path) -> int:
        """Extracts from a folder; returns the number of cut-outs."""
        from models.extraction.extraction import Extraction, Result
        from models.extraction.journal import Journal
        from models.extraction.sources import find_sources, name_sources

        journal, results = Journal(output, folder), list[Result]()
        files, _ = find_sources(folder, output)
        Extraction(journal, self._finder, self._cleaner, self._choices).run(
            name_sources(files, folder, {}), results.append
        )
        journal.close()
        return sum(result.counts.total() - result.counts["redaction"] for result in results)


def _draw(jobs) -> int:
    """Draws pages into files; runs in a worker process."""
    for folder, number in jobs:
        rng = np.random.default_rng(number)
        page = cv2.resize(draw_page(21, number).pixels, SIZE[::-1], interpolation=cv2.INTER_LINEAR)
        page = cv2.subtract(page, rng.integers(0, 6, page.shape, dtype=np.uint8))
        Image.fromarray(page).save(Path(folder, f"page_{number:04}.png"), dpi=(300, 300), compress_level=4)
    return len(jobs)


def _peak_megabytes() -> float:
    """Peak resident memory of this process, MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    measure.run(main)
