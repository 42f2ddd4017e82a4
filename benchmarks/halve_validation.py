"""Makes a test part of half of a dataset's validation pages, whole documents, for figures that nothing was picked on.

  python benchmarks/halve_validation.py <signature_pages> <new folder>

The dataset is a folder of YOLO labels with train/ and valid/, each with images/ and labels/. The new folder links to
its files, with a third part, test/. A hash of the name of a document decides on its half.
"""

import argparse
import hashlib
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import yaml

from data.splits.document_names import documents_of

TRAIN, VALIDATION, TEST = "train", "valid", "test"


def main() -> None:
    """Makes the folder and prints the number of pages of each part."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("dataset", type=Path, help="folder that holds data.yaml, train/ and valid/")
    options.add_argument("folder", type=Path, help="folder to make")
    given = options.parse_args()
    root: Path = given.dataset.resolve()
    if given.folder.exists():
        options.error(f"{given.folder} exists; name a new folder")
    if missing := [name for name in ("data.yaml", TRAIN, VALIDATION) if not (root / name).exists()]:
        options.error(f"{given.dataset} has no {missing[0]}")
    pages = [path for part in (TRAIN, VALIDATION) for path in sorted((root / part / "images").iterdir())]
    documents = documents_of([str(path.relative_to(root)) for path in pages]).documents
    counts: Counter[str] = Counter()
    for page, document in zip(pages, documents, strict=True):
        is_test = page.parent.parent.name == VALIDATION and hashlib.sha256(document.encode()).digest()[0] % 2
        part = TEST if is_test else page.parent.parent.name
        counts[part] += 1
        for file in (page, root / page.parent.parent.name / "labels" / f"{page.stem}.txt"):
            if not file.exists():  # a page without a label file
                continue
            link = given.folder / part / file.parent.name / file.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file)
    described = yaml.safe_load((root / "data.yaml").read_text())
    parts = {"train": TRAIN, "val": VALIDATION, "test": TEST}
    lists = {key: f"{folder}/images" for key, folder in parts.items()}
    (given.folder / "data.yaml").write_text(yaml.safe_dump({**described, **lists}, sort_keys=False))
    print(", ".join(f"{part} {count:,}" for part, count in counts.items()))


if __name__ == "__main__":
    main()
