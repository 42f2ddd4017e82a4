"""`dataset=pages`: converts a folder of pictures with labels of any format to shards with SignverOD's keys."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from data.commands import override, typed
from data.errors import UserError
from data.folders import check_folder, files_below
from data.labelled_pages import LabelledDataset
from data.labels.label_formats import FORMATS
from data.labels.label_sets import ReadOptions
from data.labels.labelled_shards import labelled_shards
from data.labels.other_labels import other_labels
from data.labels.page_building import build_pages, BuildOptions
from data.labels.picture_names import LABEL_FOLDERS, PICTURE_FOLDERS, PictureNames
from data.labels.tilted_pages import LABELLED, straighten
from data.labels.unread_labels import unread_labels
from data.labels.yolo_labels import has_yolo_lines
from data.parallel import Progress
from data.pictures.image_folder import ImageFolder
from data.splits.given_split import with_split
from data.splits.split_lists import split_list_files

AUTO = "auto"

_ROOT = "dataset.root"


def folder_shards(
    root: Path,
    cache_dir: Path,
    *,
    labels: str,
    options: BuildOptions,
    crowds: bool,
    split: str,
    documents: str,
    tilted: str,
    held_out: float,
    test: float,
    max_bad_fraction: float,
    progress: Callable[[str], Progress] | None = None,
) -> Path:
    """Returns the folder with the `tfrecords/` of a labelled folder and the report, and builds it if necessary.

    A split by folders, label files or lists is kept; parts that it lacks are made of whole documents.

    Args:
      root: the folder.
      cache_dir: where to keep the shards.
      labels: `auto`, or a key of `data.labels.label_formats.FORMATS`.
      options: the user's options for labels.
      crowds: whether boxes that COCO marks `iscrowd` count.
      split: see `data.splits.given_split.WAYS`.
      documents: see `data.splits.document_names.documents_of`.
      tilted: see `data.labels.tilted_pages.straighten`.
      held_out: share for validation if there is no such part.
      test: share for a test part if there is none; 0 for none.
      max_bad_fraction: share of pages that may be bad.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: there are no pictures, no labels or no boxes, labels have two formats or contradict each other, a
        class is unknown, or too many pages are bad.
    """
    check_folder(root, "pages")
    folder = ImageFolder(root)
    names, pdfs = PictureNames(root, folder.pictures), folder.documents
    chosen, files = _find_labels(names, labels)
    read_files = set(files)

    def read() -> LabelledDataset:
        label_set = FORMATS[chosen].read(names, files, ReadOptions(crowds, Path(scratch), pdfs))
        unread = {} if FORMATS[chosen].holds_pictures else unread_labels(names, files)
        pages = build_pages(names, label_set, options, pdfs, unread)
        dataset = with_split(pages, root, split, documents, names.pictures)
        return straighten(dataset, tilted, progress("tilted pages") if progress else None)

    beside = cache_dir if cache_dir.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="signver-pictures-", dir=beside) as scratch:
        return labelled_shards(
            cache_dir,
            {
                "dataset": "pages",
                "labels": chosen,
                "classes": list(options.classes),
                "unlabelled": options.unlabelled,
                "exif": options.exif,
                "crowds": crowds,
                "split": split,
                "documents": documents,
                **({"tilted": tilted} if tilted != LABELLED else {}),
                "files": [_below(path, names) for path in files],
                "beside": [_below(path, names) for path in files_below(root, ".xml", ".txt") if path not in read_files],
            },
            root,
            sorted({*([] if FORMATS[chosen].holds_pictures else files), *split_list_files(root)}),
            [*names.pictures, *pdfs, *(files if FORMATS[chosen].holds_pictures else [])],
            read,
            held_out=held_out,
            test=test,
            max_bad_fraction=max_bad_fraction,
            progress=progress,
        )


def _find_labels(names: PictureNames, labels: str) -> tuple[str, list[Path]]:
    """(format, its files). Raises UserError if there are no labels, or labels of several formats."""
    found = {name: each.find(names) for name, each in FORMATS.items() if labels in (AUTO, name)}
    found = {name: files for name, files in found.items() if files}
    if len(found) > 1 and "yolo" in found and not has_yolo_lines(found["yolo"]):
        del found["yolo"]  # text of another kind, such as transcriptions of the pages
    if not found and not names.pictures and not (folder := ImageFolder(names.root)).documents:
        others = folder.left_out()
        why = f"no images in {names.root}{f', but {others}' if others else ''}"
        raise UserError(_ROOT, why, ("give their folder:  dataset.root=<folder>",))
    if not found:
        raise _no_labels(names, labels)
    if len(found) > 1:
        shown = " and ".join(f"{FORMATS[name].title} ({_shown(files, names.root)})" for name, files in found.items())
        raise UserError(
            "dataset.labels",
            f"labels of {len(found)} formats in {names.root}: {shown}",
            tuple(f"read those of {FORMATS[name].title}:  {override('dataset.labels', name)}" for name in found),
        )
    return next(iter(found.items()))


def _below(file: Path, names: PictureNames) -> str:
    return file.relative_to(names.root).as_posix()


def _shown(files: list[Path], root: Path) -> str:
    more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
    return f"{files[0].relative_to(root).as_posix()}{more}"


def _no_labels(names: PictureNames, labels: str) -> UserError:
    looked = ", ".join(each.title for name, each in FORMATS.items() if labels in (AUTO, name))
    why = f"{len(names.pictures):,} images in {names.root}, but no labels (looked for {looked})"
    others = other_labels(names.root)
    if others:
        name, reason = others[0]
        why += f"; {name} {reason}{f', and {len(others) - 1:,} more' if len(others) > 1 else ''}"
    if there := [name for name, each in FORMATS.items() if labels != AUTO and each.find(names)]:
        return UserError(_ROOT, why, tuple(f"{FORMATS[n].title} is there:  dataset.labels={n}" for n in there))
    if beside := _label_folder_beside(names.root):
        above = typed("dataset.root", names.root.parent)
        return UserError(_ROOT, f"{why}; {beside} lies beside it", (f"give the folder above both:  {above}",))
    return UserError(_ROOT, why, ("draw boxes with a labelling tool and export them as COCO, YOLO or Pascal VOC",))


def _label_folder_beside(root: Path) -> Path | None:
    """The folder `labels` or `annotations` beside a folder called `images`; None if there is none."""
    if root.name.lower() not in PICTURE_FOLDERS:
        return None
    return next(
        (each for each in sorted(root.parent.iterdir()) if each.name.lower() in LABEL_FOLDERS and each.is_dir()), None
    )
