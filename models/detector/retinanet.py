"""SignVer's reference detector: tf-models' RetinaNet with ResNet-50."""

import dataclasses
from typing import TYPE_CHECKING

from data.options import option
from models.detector.network import DetectorModel

if TYPE_CHECKING:
    from official.vision.modeling.retinanet_model import RetinaNetModel


@dataclasses.dataclass
class Retinanet(DetectorModel):
    """tf-models' experiment `retinanet_resnetfpn_coco`, as SignVer's detector was trained."""

    warmup_learning_rate: float = option(low=0.0, high=10.0)  # type: ignore[misc]
    init_checkpoint: str = option()

    def build(self) -> "RetinaNetModel":
        import tensorflow as tf
        from official.vision.modeling import factory

        from models.detector.retinanet_model import assemble

        params = self.task_config()
        decay = params.losses.l2_weight_decay
        network = factory.build_retinanet(
            tf.keras.layers.InputSpec(shape=[None, *params.model.input_size]),
            params.model,
            tf.keras.regularizers.l2(decay / 2) if decay else None,  # halved to mean tf.nn.l2_loss
        )
        return assemble(self, network.backbone, network.decoder, network.head)
