"""The formats of labels by their values of `dataset.labels`.

To add a format, add a module with a `LabelFormat`, a line here, and a choice of `labels` in data/datasets/pages.py.
"""

from data.labels.coco_labels import COCO
from data.labels.cvat_labels import CVAT
from data.labels.gedi_labels import GEDI
from data.labels.label_sets import LabelFormat
from data.labels.tfrecord_labels import TFRECORD
from data.labels.voc_labels import VOC
from data.labels.yolo_labels import YOLO

FORMATS: dict[str, LabelFormat] = {
    "coco": COCO,
    "yolo": YOLO,
    "voc": VOC,
    "cvat": CVAT,
    "gedi": GEDI,
    "tfrecord": TFRECORD,
}
