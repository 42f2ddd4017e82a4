"""The base config of the detector's networks."""

import abc
import dataclasses
from typing import TYPE_CHECKING

from data.errors import UserError
from data.options import option
from data.pages.page_classes import CLASSES
from models.optimisation import Model

if TYPE_CHECKING:
    from official.vision.configs import retinanet as retinanet_config
    from official.vision.modeling.retinanet_model import RetinaNetModel

    from data.pages.anchor_targets import LabelEncoder
    from data.pages.canvas import Canvas

MIN_LEVEL = 3
"""The finest level of every pyramid: a stride of 8 pixels."""

NUM_CLASSES = len(CLASSES) + 1
"""With the background, class 0."""

INSIDE, STRETCHED = "inside", "stretched"
BY_OVERLAP, ADAPTIVE = "overlap", "adaptive"
HUBER, GIOU = "huber", "giou"

EXPERIMENT = "retinanet_resnetfpn_coco"
"""tf-models' experiment that SignVer's detector was trained with."""


@dataclasses.dataclass
class DetectorModel(Model):
    """A RetinaNet in tf-models' shape, with its anchors (`data.pages.anchor_targets`)."""

    input_size: list[int] = option(low=64, high=4096)
    max_level: int = option(low=3, high=7)
    num_scales: int = option(low=1, high=8)
    aspect_ratios: list[float] = option(above=0.0, high=100.0)
    anchor_size: float = option(above=0.0, high=64.0)
    unmatched_threshold: float = option(low=0.0, high=0.5)
    init_from: str = option()
    init_parts: str = option(choices=("all", "backbone"))

    init_checkpoint = ""
    """Initial weights of the backbone; a model can make it a config key, as each of the following."""

    fit = INSIDE
    """Placement of a page on the input: `INSIDE`, or `STRETCHED` over all of it (`data.pages.canvas.Canvas`)."""

    assignment = BY_OVERLAP
    """How objects find their anchors: `BY_OVERLAP`, or `ADAPTIVE` (`data.pages.adaptive_targets`)."""

    box_loss = HUBER
    """`HUBER`, of box offsets, or `GIOU`, of the boxes' overlap (`models.detector.losses`)."""

    def check(self) -> None:
        super().check()
        if len(self.input_size) != 2:
            raise UserError("model.input_size", f"{self.input_size} is not [height, width]")
        stride = 2**self.max_level
        if any(side % stride for side in self.input_size):
            raise UserError(
                "model.input_size", f"{self.input_size} are not multiples of {stride}, 2 to the power of max_level"
            )
        if not self.aspect_ratios:
            raise UserError("model.aspect_ratios", "an anchor needs one")

    refinement = 1.0
    """Share of the way that a refiner moves the edges of boxes (`models.detector.box_refiner`)."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels of the network's input."""
        height, width = self.input_size
        return height, width

    @property
    def canvas(self) -> "Canvas":
        """Placement of a page on the network's input."""
        from data.pages.canvas import Canvas

        return Canvas(self.size, stretched=self.fit == STRETCHED)

    def label_encoder(self) -> "LabelEncoder":
        """Makes the targets of the network's outputs; its `anchors` are those that the outputs belong to."""
        from data.pages.adaptive_targets import AdaptiveLabelEncoder
        from data.pages.anchor_targets import AnchorGenerator, OverlapLabelEncoder

        anchors = AnchorGenerator(
            size=self.size,
            min_level=MIN_LEVEL,
            max_level=self.max_level,
            num_scales=self.num_scales,
            aspect_ratios=tuple(self.aspect_ratios),
            anchor_size=self.anchor_size,
        )
        if self.assignment == ADAPTIVE:
            return AdaptiveLabelEncoder(anchors)
        return OverlapLabelEncoder(anchors, unmatched_threshold=self.unmatched_threshold)

    def task_config(self) -> "retinanet_config.RetinaNetTask":
        """tf-models' task config without batch sizes: that of `EXPERIMENT` with the values of this config."""
        from official.core import exp_factory
        from official.vision.configs import retinanet  # noqa: F401 - registers the experiment

        params = exp_factory.get_exp_config(EXPERIMENT).task
        params.init_checkpoint, params.annotation_file = None, None
        params.model.num_classes = NUM_CLASSES
        params.model.input_size = [*self.input_size, 3]
        params.model.max_level = self.max_level
        params.model.anchor.num_scales = self.num_scales
        params.model.anchor.aspect_ratios = list(self.aspect_ratios)
        params.model.anchor.anchor_size = self.anchor_size
        return params

    @abc.abstractmethod
    def build(self) -> "RetinaNetModel":
        """The network with its weights.

        Returns:
          Model from images float [B, H, W, C] (`models.detector.page_input.network_input`; C is
          `backbone.input_shape[-1]`) to tf-models' outputs: logits and offsets by level, and, unless training, boxes in
          pixels, best first.
        """

    def plain(self, network: "RetinaNetModel") -> "RetinaNetModel":
        """The same function without layers of this project, which an export must not contain."""
        return network
