"""Invalid files: each is named and skipped, or read correctly, and none stops the others."""

import io
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from programs import Run

from data.pages.page_records import BadPage, decode_page, parse_page, serialise_page
from data.pages.tf_examples import (
    BrokenRecord,
    parse_example,
    read_record,
    record_offsets,
    serialise_example,
    write_records,
)
from data.pictures.reading import BadScan, MAX_PIXELS, read_scan

PAGE = np.full((90, 120), 250, np.uint8)
PAGE[30:40, 10:110] = 20


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, bits: int = 8, colour: int = 0, rows: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


GREY = Image.fromarray(PAGE)
WHOLE = encoded(GREY)
ANIMATED = encoded(GREY, "GIF", save_all=True, append_images=[Image.fromarray(255 - PAGE)])

UNUSABLE: dict[str, bytes] = {
    "empty.png": b"",
    "one_byte.png": b"\x89",
    "text.png": b"just some text, saved under the wrong name\n",
    "zeros.png": bytes(4096),
    "noise.png": np.random.default_rng(1).bytes(4096),
    "truncated.png": encoded(Image.fromarray(np.random.default_rng(2).integers(0, 255, (300, 300), np.uint8)))[:9000],
    "header_only.png": WHOLE[:33],
    "bad_sum.png": WHOLE[:40] + bytes([WHOLE[40] ^ 1]) + WHOLE[41:],
    "no_rows.png": png(100, 100),
    "few_rows.png": png(100, 100, rows=bytes(101 * 3)),
    "no_size.png": png(0, 0),
    "no_width.png": png(0, 100),
    "bomb.png": png(60_000, 60_000, rows=bytes(1000)),
    "bomb_of_one_bit.png": png(200_000, 200_000, bits=1, rows=bytes(1000)),
    "small_bomb.png": png(12_000, 12_000, rows=bytes(1000)),
    "large.png": png(20_000, 20_000, bits=1, rows=bytes(2501) * 20_000),
    "truncated.jpg": encoded(GREY, "JPEG")[:300],
    "no_end.jpg": encoded(GREY, "JPEG")[:-200],
    "swapped.jpg": encoded(GREY, "JPEG")[::-1],
    "truncated.tif": encoded(GREY, "TIFF")[:200],
    "endless.tif": b"II*\0" + struct.pack("<I", 8) + struct.pack("<HHHII", 1, 256, 4, 1, 9) + struct.pack("<I", 8),
    "truncated.bmp": encoded(GREY, "BMP")[:500],
    "html.jpg": b"<!doctype html><html><body>404 Not Found</body></html>",
    "zip.png": b"PK\x03\x04" + bytes(200),
    "pickle.png": b"\x80\x04\x95" + bytes(100),
    "one_pixel.png": encoded(Image.new("L", (1, 1))),
    "narrow.png": encoded(Image.new("L", (3, 500))),
    "white.png": encoded(Image.new("L", (100, 100), 255)),
    "black.png": encoded(Image.new("L", (100, 100), 0)),
    "not_a_number.tif": encoded(Image.fromarray(np.full((50, 50), np.nan, np.float32)), "TIFF"),
}
"""Pictures without a readable signature."""

USABLE: dict[str, bytes] = {
    "grey.png": WHOLE,
    "one_bit.png": encoded(GREY.convert("1")),
    "palette.png": encoded(GREY.convert("P")),
    "alpha.png": encoded(GREY.convert("LA")),
    "colour_alpha.png": encoded(GREY.convert("RGBA")),
    "sixteen_bits.png": encoded(Image.fromarray(PAGE.astype(np.uint16) * 257)),
    "cmyk.tif": encoded(GREY.convert("CMYK"), "TIFF"),
    "cmyk.jpg": encoded(GREY.convert("CMYK"), "JPEG"),
    "floats.tif": encoded(Image.fromarray(PAGE.astype(np.float32)), "TIFF"),
    "animated.gif": ANIMATED,
    "really_a_jpeg.png": encoded(GREY, "JPEG"),
    "really_a_gif.jpg": ANIMATED,
    "progressive.jpg": encoded(GREY, "JPEG", progressive=True),
    "bitmap.bmp": encoded(GREY, "BMP"),
    "long.png": encoded(Image.fromarray(np.hstack([PAGE] * 100))),
    "trailing.png": WHOLE + b"something behind the end",
}
"""Unusual pictures that are correct."""


@pytest.mark.fault(f"{len(UNUSABLE)} pictures that hold nothing to read", "each is refused with its reason, in words")
@pytest.mark.parametrize("name", UNUSABLE)
@pytest.mark.filterwarnings("error")
def test_the_reader_refuses(name: str):
    from data.ink import signature_ink

    with pytest.raises(BadScan) as refusal:
        signature_ink(read_scan(UNUSABLE[name]))
    assert 0 < len(str(refusal.value)) < 300
    assert "\n" not in str(refusal.value)


@pytest.mark.fault(f"{len(USABLE)} unusual pictures", "each is read correctly")
@pytest.mark.parametrize("name", USABLE)
@pytest.mark.filterwarnings("error")
def test_the_reader_takes(name: str):
    scan = read_scan(USABLE[name])
    assert scan.dtype == np.uint8
    expected = np.hstack([PAGE] * 100) if name == "long.png" else PAGE
    assert np.abs(scan.astype(int) - expected).mean() < 12


@pytest.fixture(scope="module")
def cleaner(two_steps: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cwd = tmp_path_factory.mktemp("cleaner")
    shutil.copytree(two_steps, cwd / "mine")
    return cwd


@pytest.mark.slow
@pytest.mark.fault(
    "all of these pictures in one folder for mode=predict", "good ones are used, bad ones named; no warning"
)
def test_a_folder_of_everything(run: Run, cleaner: Path):
    folder = cleaner / "scans"
    folder.mkdir()
    for name, content in {**UNUSABLE, **USABLE}.items():
        (folder / name).write_bytes(content)
    done = run("mode=predict", "predict.input=scans", "run_dir=mine", cwd=cleaner)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    skipped = {line.split()[1].rstrip(":") for line in done.stdout.splitlines() if line.startswith("skipped")}
    # A white or black picture has nothing to clean, but can be cleaned; Pillow fills up missing rows with black.
    assert skipped >= set(UNUSABLE) - {"white.png", "black.png", "narrow.png", "one_pixel.png", "few_rows.png"}
    assert not skipped & set(USABLE)


def features(**changes) -> dict[str, list]:
    boxes = np.array([[0.1, 0.1, 0.3, 0.5]], np.float32)
    parsed = parse_example(serialise_page("page", PAGE, boxes, np.array([1])))
    return {**parsed, **{f"image/{name}": value for name, value in changes.items()}}


def box(**corners: list) -> dict[str, list]:
    return {f"image/object/bbox/{name}": value for name, value in corners.items()}


RECORDS: dict[str, Callable[[], dict[str, list]]] = {
    "no picture": lambda: {k: v for k, v in features().items() if k != "image/encoded"},
    "the picture is a number": lambda: {**features(), "image/encoded": [7]},
    "the picture is a list of numbers": lambda: {**features(), "image/encoded": [0.5, 0.5]},
    "the picture is empty": lambda: features(encoded=[b""]),
    "the picture is text": lambda: features(encoded=[b"a page"]),
    "the picture is cut": lambda: features(encoded=[WHOLE[:-40]]),
    "the picture is a bomb": lambda: features(encoded=[UNUSABLE["bomb.png"]]),
    "no labels for its boxes": lambda: {k: v for k, v in features().items() if k != "image/object/class/label"},
    "label 0": lambda: {**features(), "image/object/class/label": [0]},
    "label 5": lambda: {**features(), "image/object/class/label": [5]},
    "label -1": lambda: {**features(), "image/object/class/label": [-1]},
    "label is text": lambda: {**features(), "image/object/class/label": [b"signature"]},
    "label is broken": lambda: {**features(), "image/object/class/label": [1.5]},
    "two labels for one box": lambda: {**features(), "image/object/class/label": [1, 1]},
    "a box of NaN": lambda: {**features(), **box(ymin=[float("nan")])},
    "a box of infinity": lambda: {**features(), **box(xmax=[float("inf")])},
    "a box in pixels": lambda: {**features(), **box(xmin=[12.0], xmax=[60.0])},
    "a box below zero": lambda: {**features(), **box(ymin=[-0.2])},
    "a box without height": lambda: {**features(), **box(ymin=[0.3], ymax=[0.3])},
    "a box upside down": lambda: {**features(), **box(ymin=[0.5], ymax=[0.2])},
    "a corner missing": lambda: {k: v for k, v in features().items() if k != "image/object/bbox/xmin"},
    "a corner too many": lambda: {**features(), **box(xmin=[0.1, 0.2])},
    "corners as text": lambda: {**features(), **box(ymin=[b"0.1"])},
    "nothing at all": lambda: {},
}


@pytest.mark.fault(f"{len(RECORDS)} records that say nonsense", "each is refused with its reason, and counted")
@pytest.mark.parametrize("name", RECORDS)
def test_a_record_is_refused(name: str):
    with pytest.raises(BadPage) as refusal:
        decode_page(parse_page(serialise_example(RECORDS[name]())))
    assert "\n" not in str(refusal.value)


SHARDS: dict[str, Callable[[bytes], bytes]] = {
    "a bit flipped in a record": lambda raw: raw[:200] + bytes([raw[200] ^ 4]) + raw[201:],
    "a bit flipped in a length": lambda raw: bytes([raw[0] ^ 1]) + raw[1:],
    "the last record cut": lambda raw: raw[:-100],
    "text": lambda raw: b"this is a readme\n" * 20,
    "empty": lambda raw: b"",
    "zeros": lambda raw: bytes(1000),
    "a huge length": lambda raw: struct.pack("<Q", 2**62) + raw[8:],
    "compressed": lambda raw: zlib.compress(raw),
}


@pytest.mark.fault(f"{len(SHARDS)} damaged shards", "what can be read is read; the rest is reported with its place")
@pytest.mark.parametrize("name", SHARDS)
def test_a_damaged_shard(name: str, tmp_path: Path):
    good = serialise_page("page", PAGE, np.array([[0.1, 0.1, 0.3, 0.5]], np.float32), np.array([1]))
    shard = tmp_path / "train-0"
    write_records(shard, [good, good, good])
    shard.write_bytes(SHARDS[name](shard.read_bytes()))
    offsets, damage = record_offsets(shard)
    read = 0
    for offset in offsets:
        try:
            parse_page(read_record(shard, offset))
            read += 1
        except (BrokenRecord, BadPage) as error:
            damage = damage or str(error)
    assert read < 3
    assert bool(damage) == (name != "empty")


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.fault("every record of a shard broken", "one line says which and why; no run folder is left")
def test_a_dataset_of_broken_records(run: Run, tmp_path: Path):
    folder = tmp_path / "data" / "tfrecords"
    folder.mkdir(parents=True)
    records = [serialise_example(make()) for make in RECORDS.values()]
    for part in ("train", "eval"):
        write_records(folder / f"{part}-0", records)
    done = run("task=detector", "dataset=signverod", "dataset.root=data", cwd=tmp_path)
    assert done.returncode == 1
    total = 2 * len(RECORDS)
    assert done.stderr.startswith(f"error: dataset.max_bad_fraction: {total} of {total} records cannot be used (100.0%")
    assert not (tmp_path / "outputs").exists()


EXPORTS: dict[str, Callable[[Path], object]] = {
    "the graph cut": lambda export: (export / "saved_model.pb").write_bytes(b"\x08\x01"),
    "the weights cut": lambda export: (export / "variables" / "variables.data-00000-of-00001").write_bytes(b"x" * 100),
    "the weights' index cut": lambda export: (export / "variables" / "variables.index").write_bytes(b""),
    "Keras's part missing": lambda export: (export / "keras_metadata.pb").unlink(),
}


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.fault(f"{len(EXPORTS)} damaged exports", "one line that names the folder and how to write it again")
def test_a_damaged_export(run: Run, cleaner: Path, tmp_path: Path):
    Image.fromarray(PAGE).save(tmp_path / "scan.png")
    for number, damage in enumerate(EXPORTS.values()):
        export = tmp_path / f"export_{number}"
        shutil.copytree(cleaner / "mine" / "export", export)
        damage(export)
        overrides = ("mode=predict", "predict.input=scan.png", f"export_dir={export.name}")
        done = run(*overrides, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stderr.startswith(f"error: export_dir: {export.name} holds no signature cleaner, or a damaged one")


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.fault("a cleaner's export or weights for the detector", "one line that says so")
def test_models_of_the_other_task(run: Run, cleaner: Path):
    Image.fromarray(PAGE).save(cleaner / "scan.png")
    overrides = ("task=detector", "mode=predict", "predict.input=scan.png", "export_dir=mine/export")
    done = run(*overrides, cwd=cleaner)
    assert done.returncode == 1
    assert done.stderr.startswith("error: export_dir: mine/export holds no signature detector, or a damaged one")
    pages = ("dataset=synthetic", "dataset.pages=4", "dataset.held_out_pages=2")
    done = run("task=detector", *pages, "model.init_from=mine", "run_dir=other", cwd=cleaner)
    assert done.returncode == 1
    assert done.stderr.startswith("error: model.init_from: mine is of another network: unet with filters=[8, 8]")


def test_the_largest_scan_is_stated():
    assert MAX_PIXELS < 20_000 * 20_000
