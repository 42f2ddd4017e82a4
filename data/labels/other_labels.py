"""Describes files that may be labels of other formats, for the error about a folder without readable labels."""

from pathlib import Path

from data.folders import files_below, name_below
from data.labelled_pages import Dropped
from data.labels.coco_files import other_json_files
from data.labels.xml_files import outermost_element
from data.splits.split_lists import names_boxes

_TABLE, _LINES, _PACKED = "is a table", "holds lines of JSON", "is packed; unpack it first"
_BY_SUFFIX = {
    **dict.fromkeys((".csv", ".tsv", ".parquet", ".xlsx", ".xls", ".ods"), _TABLE),
    **dict.fromkeys((".jsonl", ".ndjson", ".manifest"), _LINES),
    **dict.fromkeys((".mat", ".pkl", ".npz"), "is a program's own file, which may hold labels"),
    **dict.fromkeys((".hocr",), "is hOCR, the text of a page"),
    **dict.fromkeys((".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz"), _PACKED),
}
_BY_ELEMENT = {
    "pcgts": "is PAGE's XML",
    "alto": "is ALTO's XML, the text of a page",
    "html": "is hOCR, the text of a page",
    "dataset": "is dlib's XML",
    "tagset": "is ICDAR's XML",
}


def other_labels(root: Path) -> list[Dropped]:
    """(path, what it is) of files that may be labels, the likeliest first.

    Args:
      root: a folder without readable labels.
    """
    found = other_json_files(root)
    found += [(name_below(file, root), _BY_SUFFIX[file.suffix.lower()]) for file in files_below(root, *_BY_SUFFIX)]
    for file in files_below(root, ".txt"):
        if names_boxes(file):
            found.append((name_below(file, root), "is a list of pictures with boxes behind their names"))
    for file in files_below(root, ".xml"):
        element = outermost_element(file)
        found.append(
            (name_below(file, root), _BY_ELEMENT.get(element, f"is XML of another kind ({element or 'broken'})"))
        )
    return found
