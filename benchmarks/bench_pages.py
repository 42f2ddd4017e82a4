"""Goal: the detector's input pipeline makes at least 10 times as many pages per second as tf-models' stock reader.

Both read the same TFRecord shards for the same network input (the reference's 640x640, its anchors, augmentation on)
and assign objects to anchors. The pages are those of `--data`, or drawn pages resized to 3300x2560 pixels, the size of
most scans. The project reads cached pages; the time to build the cache is shown. They take turns. Takes three minutes.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure
from data.parallel import map_chunks
from engine.hardware.tensorflow_setup import configure_tensorflow

GOAL = 10
PAGE_SIZE = (3300, 2560)
DRAWN_PAGES = 96


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--data", type=Path, help="folder that holds tfrecords/ (default: draw pages)")
    options.add_argument("--pairs", type=int, default=6, help="turns of each (%(default)s)")
    options.add_argument("--pages", type=int, default=160, help="pages per turn of the stock reader (%(default)s)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = given.data or _draw_shards(Path(scratch))
        overrides = ["task=detector", "model=retinanet", "dataset=signverod", f"dataset.root='{Path(root).resolve()}'"]
        config = measure.config_of([*overrides, f"dataset.cache_dir='{scratch}'", *given.overrides])
        _compare(config, Path(root), given)


def _compare(config, root: Path, given) -> None:
    data = []
    seconds = measure.seconds_of(lambda: data.append(config.dataset.load(config.model.canvas)))
    pages = len(data[0].train) + len(data[0].validation)
    configure_tensorflow(config)
    from data.pages.page_pipeline import train_pages

    batch_size = config.model.batch_size
    ours = iter(train_pages(data[0], config.model.label_encoder(), config.model.canvas, batch_size=batch_size, seed=1))
    stock = _stock_reader(root, batch_size, config)
    few = max(1, given.pages // batch_size)

    def rate(batches: Iterator, count: int) -> float:
        return count * batch_size / measure.seconds_of(lambda: [next(batches) for _ in range(count)])

    rate(ours, 4), rate(stock, 2)  # starts the threads
    measured = measure.in_turns(lambda: rate(ours, 10 * few), lambda: rate(stock, few), given.pairs)
    our_rate, stock_rate = measure.medians(measured)
    ratio = measure.median_ratio(measured)
    measure.show("re-encoded once", f"{pages} pages in {seconds:.1f} s")
    measure.show("page_pipeline", f"{our_rate:8.1f} pages/s")
    measure.show("tf-models' reader", f"{stock_rate:8.1f} pages/s")
    measure.show("ratio", f"{ratio:8.1f} ({measure.spread(measured)})")
    measure.report(f"{GOAL} times or more", f"{ratio:.1f} times", ratio >= GOAL)


def _stock_reader(root: Path, batch_size: int, config) -> Iterator:
    """The batches of tf-models' task from the shards with the reference's settings."""
    from official.vision.tasks import retinanet

    from models.detector.retinanet_model import task_params

    params = task_params(config.model)
    params.train_data.input_path = str(root / "tfrecords" / "train*")
    params.train_data.global_batch_size = batch_size
    params.train_data.shuffle_buffer_size = 64  # encoded pages; the default, 10,000, would take minutes to fill
    params.train_data.parser.aug_rand_hflip = False
    return iter(retinanet.RetinaNetTask(params).build_inputs(params.train_data))


def _draw_shards(folder: Path) -> Path:
    """Writes large drawn pages as shards; returns the folder that holds `tfrecords/`."""
    from data.pages.tf_examples import write_records

    (folder / "tfrecords").mkdir()
    records = [record for chunk in map_chunks(_large_records, range(DRAWN_PAGES), 8) for record in chunk]
    for number in range(4):
        write_records(folder / "tfrecords" / f"train-{number}", records[number::4])
    write_records(folder / "tfrecords" / "eval-0", records[:8])
    return folder


def _large_records(numbers) -> list[bytes]:
    """Draws pages at the size of scans; runs in a worker process."""
    import cv2

    from data.drawn_pages import draw_page
    from data.pages.page_records import serialise_page

    records = []
    for number in numbers:
        page = draw_page(1, number)
        pixels = cv2.resize(page.pixels, PAGE_SIZE[::-1], interpolation=cv2.INTER_NEAREST)
        records.append(serialise_page(f"{number}.png", pixels, page.boxes, page.labels))
    return records


if __name__ == "__main__":
    measure.run(main)
