"""The project's detector: a light RetinaNet for few cores (`models.detector.small_network`)."""

import dataclasses
from typing import TYPE_CHECKING

from data.errors import UserError
from data.options import option
from models.detector.network import (
    ADAPTIVE,
    BY_OVERLAP,
    DetectorModel,
    GIOU,
    HUBER,
    INSIDE,
    MIN_LEVEL,
    NUM_CLASSES,
    STRETCHED,
)

if TYPE_CHECKING:
    from official.vision.configs import retinanet as retinanet_config
    from official.vision.modeling.retinanet_model import RetinaNetModel


@dataclasses.dataclass
class RetinanetSmall(DetectorModel):
    """Light backbone, narrow pyramid, narrow head, on grey pages in blocks of 4x4 pixels."""

    filters: list[int] = option(low=1, high=4096)
    blocks: int = option(low=1, high=16)
    pyramid_filters: int = option(low=1, high=4096)
    head_convolutions: list[int] = option(low=0, high=16)
    refiner_filters: list[int] = option(low=1, high=4096, former=[])
    refinement: float = option(low=0.0, high=1.0, former=1.0)  # type: ignore[misc]
    fit: str = option(choices=(INSIDE, STRETCHED), former=INSIDE)
    assignment: str = option(choices=(BY_OVERLAP, ADAPTIVE), former=BY_OVERLAP)
    box_loss: str = option(choices=(HUBER, GIOU), former=HUBER)

    weight_keys = ("filters", "blocks", "pyramid_filters", "head_convolutions", "max_level", "refiner_filters")

    def check(self) -> None:
        super().check()
        if len(self.filters) != self.max_level - 1:
            raise UserError(
                "model.filters",
                f"has {len(self.filters)} levels; levels 2 to {self.max_level} are {self.max_level - 1}",
            )
        if len(self.head_convolutions) != 2:
            raise UserError("model.head_convolutions", f"{self.head_convolutions} is not [shared, of each part]")
        if self.assignment == ADAPTIVE and self.num_scales * len(self.aspect_ratios) > 1:
            raise UserError(
                "model.assignment",
                "adaptive takes one anchor a position, model.num_scales=1 and one of model.aspect_ratios",
                ("several anchors:  model.assignment=overlap",),
            )

    def task_config(self) -> "retinanet_config.RetinaNetTask":
        params = super().task_config()
        params.losses.l2_weight_decay = 0.0
        return params

    def build(self) -> "RetinaNetModel":
        from models.detector.box_refiner import build_refiner
        from models.detector.retinanet_model import assemble
        from models.detector.small_network import build_backbone, build_head, build_pyramid, Head

        shared, of_each_part = self.head_convolutions
        backbone = build_backbone(self.filters, self.blocks)
        pyramid = build_pyramid(self.filters[1:], self.pyramid_filters)
        head = build_head(
            NUM_CLASSES,
            self.num_scales * len(self.aspect_ratios),
            self.pyramid_filters,
            (shared, of_each_part),
            range(MIN_LEVEL, self.max_level + 1),
        )
        refiner = build_refiner(self.refiner_filters) if self.refiner_filters else None
        return assemble(self, backbone, pyramid, Head(head, name="head"), refiner)

    def plain(self, network: "RetinaNetModel") -> "RetinaNetModel":
        from models.detector.box_refiner import refiner_of
        from models.detector.retinanet_model import assemble
        from models.detector.small_network import Head
        from models.layers.plain import plain_network

        head = Head(plain_network(network.head.network), name="head")
        refiner = refiner_of(network)
        plain_refiner = plain_network(refiner) if refiner else None
        return assemble(self, plain_network(network.backbone), plain_network(network.decoder), head, plain_refiner)
