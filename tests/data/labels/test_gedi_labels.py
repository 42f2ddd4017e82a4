"""GEDI's XML, as Tobacco800 has it."""

from pathlib import Path

import numpy as np
import pytest
from labelling import BOX, HEIGHT, own_pages, picture, read, WIDTH
from PIL import Image

from data.labels.split_report import read_report

ZONE = '<DL_ZONE gedi_type="{}" id="None" col="20" row="15" width="10" height="15" AuthorID="x"> </DL_ZONE>'
PAGE = '<DL_PAGE gedi_type="DL_PAGE" src="{}" pageID="{}" width="40" height="60">{}</DL_PAGE>'
SIGNATURE, LOGO = ZONE.format("DLSignature"), ZONE.format("DLLogo")
CLASSES = ["DLSignature:signature", "DLLogo:none"]


def gedi(path: Path, *pages: str, source: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = f'<DL_DOCUMENT src="{source}" NrOfPages="{len(pages)}" docTag="xml">{"".join(pages)}</DL_DOCUMENT>'
    path.write_text(f'<?xml version="1.0"?><GEDI xmlns="http://lamp.cfar.umd.edu/GEDI" version="1.0">{document}</GEDI>')
    return path


@pytest.mark.fault("GEDI's XML, the ground truth of Tobacco800", "read; a page without zones has nothing on it")
def test_tobacco800(tmp_path: Path):
    root = tmp_path / "own"
    for number, zones in enumerate((SIGNATURE, SIGNATURE, LOGO, "", LOGO + SIGNATURE.replace("20", "1", 1))):
        picture(root / "SinglePageTIF" / f"a{number}e00_1.tif", number)
        gedi(root / "XMLGroundtruth" / f"a{number}e00_1.xml", PAGE.format(f"a{number}e00_1.tif", 1, zones))
    report = read_report(own_pages(root, classes=CLASSES).shards_root())
    assert (report["pages"], report["boxes"], report["dropped"]) == (5, 3, {})
    boxes = read(root, "gedi", CLASSES).boxes
    assert [boxes[f"SinglePageTIF/a{number}e00_1.tif"] for number in range(4)] == [[BOX], [BOX], [], []]
    assert boxes["SinglePageTIF/a4e00_1.tif"] == [(0.25, 0.025, 0.5, 0.275)]


def test_pages_of_one_tiff(tmp_path: Path):
    frames = [Image.fromarray(np.full((HEIGHT, WIDTH), 255 - number, np.uint8)) for number in range(3)]
    frames[0].save(tmp_path / "lease.tif", save_all=True, append_images=frames[1:])
    gedi(tmp_path / "lease.xml", *(PAGE.format("lease.tif", n, SIGNATURE if n == 2 else "") for n in (1, 2)))
    found = read(tmp_path, "gedi", CLASSES)
    assert found.boxes == {"lease.tif page 1": [], "lease.tif page 2": [BOX]}


@pytest.mark.parametrize("suffix", [".tif", ".pdf"])
def test_a_file_for_one_page_of_several(tmp_path: Path, suffix: str):
    frames = [Image.fromarray(np.full((HEIGHT, WIDTH), 255 - number, np.uint8)) for number in range(3)]
    frames[0].save(tmp_path / f"lease{suffix}", save_all=True, append_images=frames[1:])
    gedi(tmp_path / "second.xml", PAGE.format(f"lease{suffix}", 2, SIGNATURE))
    gedi(tmp_path / "third.xml", PAGE.format(f"lease{suffix}", 3, ""))
    assert read(tmp_path, "gedi", CLASSES).boxes == {f"lease{suffix} page 2": [BOX], f"lease{suffix} page 3": []}


@pytest.mark.fault("GEDI's XML: cut, without pages, zones without numbers or of no picture", "named, never a traceback")
def test_broken_gedi(tmp_path: Path):
    for number in range(5):
        picture(tmp_path / f"{number}.tif", number)
        gedi(tmp_path / f"{number}.xml", PAGE.format(f"{number}.tif", 1, SIGNATURE))
    (tmp_path / "1.xml").write_text((tmp_path / "1.xml").read_text()[:150])
    gedi(tmp_path / "2.xml")
    gedi(tmp_path / "3.xml", PAGE.format("3.tif", 1, SIGNATURE.replace("row", "rows")))
    gedi(tmp_path / "4.xml", PAGE.format("3.tif", 1, SIGNATURE))
    gedi(tmp_path / "5.xml", PAGE.format("5.tif", 1, SIGNATURE))
    found = read(tmp_path, "gedi", CLASSES)
    assert found.boxes == {"0.tif": [BOX]}
    assert found.reasons["1.tif"] == "its label file is cut or broken"
    assert found.reasons["2.tif"] == "its label file holds no page"
    assert "a zone without row, col" in found.reasons["3.tif, 3.xml DL_ZONE 1"]
    assert "mean two pictures" in found.reasons["3.tif"]
    assert found.reasons["5.tif"] == "its picture is not there"
