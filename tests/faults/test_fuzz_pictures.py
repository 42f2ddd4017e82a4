"""Random pictures: greys, packed pixels and sizes of PDF pages equal those of another reader."""

import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from fuzzing import damaged, fuzz, NO_OTHER, ROUND
from hypothesis import strategies as st
from PIL import Image

from data.pictures.document_pages import read_page
from data.pictures.greys import DEPTHS
from data.pictures.headers import frame_count, upright_size_of
from data.pictures.packed_png import read_packed
from data.pictures.pdf_pages import PDF_DPI
from data.pictures.reading import BadScan, MAX_PIXELS, read_scan


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@st.composite
def one_bit_pngs(draw: st.DrawFn) -> bytes:
    """PNG files of one bit with any filters, any size, pixels in several chunks and other chunks between."""
    width, height = draw(st.integers(1, 70)), draw(st.integers(1, 12))
    row = st.tuples(st.integers(0, 4), st.binary(min_size=-(-width // 8), max_size=-(-width // 8)))
    rows = draw(st.lists(row, min_size=height, max_size=height))
    stream = zlib.compress(b"".join(bytes([kind]) + bits for kind, bits in rows), draw(st.integers(0, 9)))
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=3)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    extra = (b"pHYs", struct.pack(">IIB", 11811, 11811, 1)), (b"gAMA", struct.pack(">I", 45455)), (b"tIME", bytes(7))
    between = draw(st.lists(st.sampled_from((*extra, (b"tEXt", b"Title\0eXIf"), (b"sBIT", b"\1"))), max_size=2))
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, draw(st.sampled_from((0, 0, 0, 1))))
    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*each) for each in between)
    content += b"".join(chunk(b"IDAT", piece) for piece in pieces) + chunk(b"IEND", b"")
    return content + draw(st.sampled_from((b"", b"", b"behind the end")))


@pytest.mark.fault(
    "PNG files of one bit of any size, filter and order, whole and damaged", "the pixels that Pillow reads"
)
@pytest.mark.parametrize("whole", [True, False])
def test_packed_pixels(seconds: float, tmp_path: Path, whole: bool):
    path = tmp_path / "scan.png"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        packed = read_packed(path)
        if packed:
            bits, width = packed
            pixels = np.unpackbits(bits, axis=1)
            np.testing.assert_array_equal(pixels[:, :width] * 255, read_scan(path))
            assert not pixels[:, width:].any()

    some = one_bit_pngs()
    files = some if whole else some.flatmap(lambda content: damaged((content,)))
    assert fuzz(read, files, seconds) >= ROUND


@st.composite
def deep_tiffs(draw: st.DrawFn) -> bytes:
    """Grey TIFF files of any depth, number type, polarity, byte order, and what they should look like."""
    kind = draw(st.sampled_from(("u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8")))
    order = draw(st.sampled_from("<>"))
    top = 8 * int(kind[1]) - (kind[0] == "i")
    bits = draw(st.sampled_from([depth for depth in DEPTHS if depth <= top]))
    if kind == "u1" or kind == "i1":
        bits = top
    values = draw(st.lists(st.integers(0, 1000), min_size=24, max_size=24))
    content = {"kind": order + kind, "bits": bits, "values": [*values, 1000], "white": draw(st.sampled_from((0, 1)))}
    return json.dumps(content | {"rows": draw(st.sampled_from((1, 2, 5)))}).encode()


def tiff_of(values: np.ndarray, photometric: int, rows: int) -> bytes:
    """An uncompressed TIFF, some rows a strip."""
    order = "<" if values.dtype.byteorder in "<|=" else ">"
    height, width = values.shape
    strips = [values[first : first + rows].tobytes() for first in range(0, height, rows)]
    starts = [8 + sum(map(len, strips[:number])) for number in range(len(strips))]
    tags = {256: [width], 257: [height], 258: [8 * values.itemsize], 259: [1], 262: [photometric], 273: starts}
    tags |= {277: [1], 278: [rows], 279: list(map(len, strips)), 339: [{"u": 1, "i": 2, "f": 3}[values.dtype.kind]]}
    place = 8 + values.nbytes
    entries, more = b"", b""
    for tag, numbers in tags.items():
        packed = struct.pack(f"{order}{len(numbers)}I", *numbers)
        if len(numbers) > 1:
            packed, more = struct.pack(f"{order}I", place + 6 + 12 * len(tags) + len(more)), more + packed
        entries += struct.pack(f"{order}HHI", tag, 4, len(numbers)) + packed
    head = b"II*\0" if order == "<" else b"MM\0*"
    directory = struct.pack(f"{order}H", len(tags)) + entries + bytes(4) + more
    return head + struct.pack(f"{order}I", place) + b"".join(strips) + directory


@pytest.mark.fault(
    "grey TIFF files of 8 to 64 bits, signed or not, fractions, either byte order, either polarity, in strips",
    "the right grey; fractions of 16 bits are refused in one line",
)
def test_depths(seconds: float):
    def read(made: bytes) -> None:
        drawn = json.loads(made)
        kind, white = np.dtype(drawn["kind"]), drawn["white"]
        shares = np.array(drawn["values"]).reshape(5, 5) / 1000
        full = 1.0 if kind.kind == "f" else float(2 ** drawn["bits"] - 1)
        values = (shares * full if kind.kind == "f" else np.rint(shares * full)).astype(kind)
        right = values.astype(np.float64) / full
        content = tiff_of(values, white, drawn["rows"])
        if kind == np.float16:
            with pytest.raises(BadScan, match="save it with 8 or 16 bits"):
                read_scan(content)
            return
        scan = read_scan(content)
        assert np.abs(scan / 255 - (right if white else 1 - right)).max() < 0.6 / 255

    assert fuzz(read, deep_tiffs(), seconds) >= ROUND


@st.composite
def pdfs(draw: st.DrawFn) -> bytes:
    """Sizes, units, crops and turns of the pages of a PDF file, and how its entries are written."""
    side = st.sampled_from((1, 30, 72, 144.5, 612, 792))
    page = st.fixed_dictionaries(
        {
            "width": side,
            "height": side,
            "unit": st.sampled_from(
                ("", "/UserUnit 1", "/UserUnit 2", "/UserUnit 2.5", "/UserUnit 0.5", "/UserUnit 9 0 R")
            ),
            "turn": st.sampled_from(("", "/Rotate 90", "/Rotate 180", "/Rotate -90", "/Rotate 45")),
        }
    )
    return json.dumps(draw(st.lists(page, min_size=1, max_size=3))).encode()


def pdf_of(pages: list[dict[str, object]]) -> bytes:
    kids = " ".join(f"{number} 0 R" for number in range(10, 10 + len(pages)))
    content = "%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj 9 0 obj 3 endobj\n"
    content += f"2 0 obj <</Type /Pages /Kids [{kids}] /Count {len(pages)}>> endobj\n"
    for number, page in enumerate(pages, start=10):
        box = f"/MediaBox [0 0 {page['width']} {page['height']}]"
        content += f"{number} 0 obj <</Type /Page /Parent 2 0 R {box} {page['unit']} {page['turn']}>> endobj\n"
    return (content + "trailer <</Root 1 0 R>>\n%%EOF").encode()


UNITS = {"/UserUnit 2": 2, "/UserUnit 2.5": 2.5, "/UserUnit 9 0 R": 3}


@pytest.mark.fault("pages of PDF files of any unit, size and turn", "drawn at the size that they have on paper")
def test_sizes_of_pdf_pages(seconds: float, tmp_path: Path):
    path = tmp_path / "a.pdf"

    def read(made: bytes) -> None:
        pages = json.loads(made)
        path.write_bytes(pdf_of(pages))
        assert frame_count(path) == len(pages)
        for number, page in enumerate(pages):
            unit = UNITS.get(page["unit"], 1)
            size = [side * unit / 72 * PDF_DPI for side in (page["height"], page["width"])]
            if page["turn"] in ("/Rotate 90", "/Rotate -90"):
                size.reverse()
            if size[0] * size[1] > 1_000_000:  # slow to draw
                continue
            drawn = read_page(path, number).shape
            assert drawn == upright_size_of(path, number)
            assert np.abs(np.array(drawn) - size).max() <= 1

    assert fuzz(read, pdfs(), seconds) >= ROUND


SOME_PDF = pdf_of([{"width": 30, "height": 72, "unit": "/UserUnit 2", "turn": ""}])


@pytest.mark.fault("PDF files damaged at random", NO_OTHER)
def test_damaged_pdfs(seconds: float, tmp_path: Path):
    path = tmp_path / "a.pdf"
    buffer = io.BytesIO()
    Image.new("L", (30, 40), 200).save(buffer, "PDF")

    def read(content: bytes) -> None:
        path.write_bytes(content)
        for number in range(min(frame_count(path), 3)):
            page = read_page(path, number)
            assert (page.dtype, page.ndim) == (np.uint8, 2)
            assert 0 < page.size <= 1.01 * MAX_PIXELS

    assert fuzz(read, damaged((SOME_PDF, buffer.getvalue())), seconds) >= ROUND
