"""`dataset=pages`: a folder of pictures with COCO's or YOLO's labels as shards like SignverOD's."""

from collections.abc import Callable, Sequence
from pathlib import Path

from data.errors import UserError
from data.labelled_pages import LabelledDataset
from data.labels.coco_labels import find_coco_files, read_coco
from data.labels.labelled_shards import labelled_shards
from data.labels.yolo_labels import find_yolo_files, read_yolo
from data.parallel import Progress
from data.pictures.image_folder import ImageFolder
from data.splits.given_split import with_split
from data.splits.split_lists import split_list_files


def folder_shards(
    root: Path,
    cache_dir: Path,
    *,
    labels: str,
    classes: Sequence[str],
    held_out: float,
    split: str = "auto",
    documents: str = "auto",
    test: float = 0.0,
    max_bad_fraction: float,
    progress: Callable[[str], Progress] | None = None,
) -> Path:
    """Returns the folder that holds the `tfrecords/` of a labelled folder and the report, made first where needed.

    A split that the folder has, by folders, label files or lists, is kept; what it lacks is made of whole documents.

    Args:
      root: the folder.
      cache_dir: where to keep the shards.
      labels: `coco`, `yolo` or `auto`.
      classes: what its classes stand for, see `data.labels.class_names`.
      held_out: share for validation if there is no such part.
      split: see `data.splits.given_split.WAYS`.
      documents: see `data.splits.document_names.documents_of`.
      test: share for a test part if there is none; 0 for none.
      max_bad_fraction: share of pages that may be bad.
      progress: makes a progress callback for a named stage.

    Raises:
      UserError: there are no pictures, no labels or no boxes, a class is not known, or too many pages are bad.
    """
    folder = ImageFolder(root)
    if not folder.pictures:
        raise UserError("dataset.root", f"no images in {root}", ("give their folder:  dataset.root=<folder>",))
    coco = find_coco_files(root) if labels != "yolo" else []
    yolo = find_yolo_files(folder) if labels != "coco" and not coco else {}
    if not coco and not yolo:
        raise UserError(
            "dataset.root",
            f"{len(folder.pictures):,} images in {root}, but no labels (looked for COCO's JSON and YOLO's .txt)",
            ("draw boxes with a labelling tool and export them as COCO or YOLO",),
        )

    def read() -> LabelledDataset:
        dataset = read_coco(folder, coco, classes) if coco else read_yolo(folder, yolo, classes)
        if not any(len(page.labels) for page in dataset.pages):
            raise UserError("dataset.root", f"the labels in {root} hold no box of a class that is kept")
        return with_split(dataset, root, split, documents)

    names = (
        [path for pattern in ("*.yaml", "*.yml", "*.txt", "*.names") for path in root.rglob(pattern)] if yolo else []
    )
    return labelled_shards(
        cache_dir,
        {"dataset": "pages", "labels": labels, "classes": list(classes), "split": split, "documents": documents},
        root,
        sorted({*coco, *yolo.values(), *names, *split_list_files(root)}),
        folder.pictures,
        read,
        held_out=held_out,
        test=test,
        max_bad_fraction=max_bad_fraction,
        progress=progress,
    )
