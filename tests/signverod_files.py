"""Writes a small SignverOD: pictures and the four tables, with colliding ids and leaking pages as in the real one."""

from pathlib import Path

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 60, 40

PAGES = (
    "nist_r0001_01.png",
    "aaa11a00.png",
    "aaa11a00-page02_2.png",
    "bbb22b00_1.png",
    "X_001.jpeg",
    "gsa_LAL10001-Lease_Z-01.png",
    "gsa_LAL10001-SLA-1-_Z-02.png",
    "gsa_LAL10002-Lease_Z-01.png",
)
BATCHES = (PAGES[:5], PAGES[5:])
BOX = "[0.25, 0.5, 0.5, 0.2]"
HEAD = "area,bbox,category_id,id,image_id"


def write_tables(root: Path, train: tuple[str, ...], test: tuple[str, ...], box: str = BOX) -> None:
    """Writes the tables; every page has a signature, GSA's pages a date too. Ids start again at the second batch."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "categories.csv").write_text("id,name\n1,signature\n2,initials\n3,redaction\n4,date\n")
    rows = [f"{HEIGHT},{WIDTH},{number},{name}" for batch in BATCHES for number, name in enumerate(batch, start=1)]
    (root / "image_ids.csv").write_text("\n".join(["height,width,id,file_name", *rows]) + "\n")
    for file, names in (("train.csv", train), ("test.csv", test)):
        lines = [HEAD]
        for batch in BATCHES:
            box_id = 0
            for number, name in enumerate(batch, start=1):
                marks = [(box, 1)] + ([("[0.1, 0.1, 0.2, 0.05]", 4)] if name.startswith("gsa") else [])
                for shape, category in marks:
                    box_id += 1
                    if name in names:
                        lines.append(f'0.1,"{shape}",{category},{box_id},{number}')
        (root / file).write_text("\n".join(lines) + "\n")


def write_pictures(root: Path, names: tuple[str, ...] = PAGES) -> None:
    """Writes a picture of its own for each page."""
    (root / "images").mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        pixels = np.full((HEIGHT, WIDTH), 255, np.uint8)
        pixels[30:42, 10:30] = 0
        pixels[2 + number, 2:20] = 0
        Image.fromarray(pixels).save(root / "images" / name)
