"""Goal: an exported detector takes no more time per page on a CPU than tf-models' stock export of the same network.

Both exports have the same network with the same weights. They are loaded by `tf.saved_model.load` and called page by
page, in turns, with uint8 pages of 3300x2560 pixels. Takes two minutes for the small network, five for the reference.

Random weights find nothing, so that no box is refined, which tf-models' export never does. With the refining of boxes:

  python benchmarks/bench_detector_export.py model.init_from=pretrained 'model.input_size=[640,448]'
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np

from benchmarks import measure
from data.drawn_pages import draw_page
from engine.hardware.tensorflow_setup import configure_tensorflow

GOAL = 1.0
PAGE_SIZE = (3300, 2560)


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--pairs", type=int, default=20, help="turns of each, with one page per turn (%(default)s)")
    given = options.parse_args()
    config = measure.config_of(["task=detector", "hardware.dtype=float32", *given.overrides])
    configure_tensorflow(config)
    import tensorflow as tf

    from models.detector.initial_weights import find_initial_weights, read_initial_weights

    network = config.model.build()
    if config.model.init_from:
        prefix, key = find_initial_weights(config.model, measure.REPOSITORY / "data" / "cache")
        read_initial_weights(network, prefix, key, config.model.init_parts)
    pages = [cv2.resize(draw_page(1, number).pixels, PAGE_SIZE[::-1])[None, ..., None] for number in range(4)]
    pages = [tf.constant(np.repeat(page, 3, axis=-1)) for page in pages]
    with tempfile.TemporaryDirectory() as scratch:
        checkpoint = tf.train.Checkpoint(model=network).write(f"{scratch}/checkpoint")
        config.task.serving(config.model).export(checkpoint, Path(scratch, "ours"))
        _stock_export(config, network, Path(scratch, "stock"))
        ours = tf.saved_model.load(f"{scratch}/ours")
        stock = tf.saved_model.load(f"{scratch}/stock").signatures["serving_default"]
        turn = iter(range(10**6))

        def seconds(detector) -> float:
            page = pages[next(turn) // 2 % len(pages)]
            return measure.seconds_of(lambda: detector(page))

        seconds(ours), seconds(stock)  # traces the functions
        measured = measure.in_turns(lambda: seconds(ours), lambda: seconds(stock), given.pairs)
    our_time, stock_time = measure.medians(measured)
    ratio = measure.median_ratio(measured)
    measure.show(f"{config.model.name}, our export", f"{our_time * 1000:8.1f} ms per page")
    measure.show("tf-models' export", f"{stock_time * 1000:8.1f} ms per page")
    measure.show("ratio", f"{ratio:8.2f} ({measure.spread(measured)})")
    measure.report(f"{GOAL} times the stock export's time at most", f"{ratio:.2f}", ratio <= GOAL)


def _stock_export(config, network, folder: Path) -> None:
    """tf-models' export module around the network, with its own preprocessing and detection generator."""
    import tensorflow as tf
    from official.core import config_definitions
    from official.vision.modeling.layers.detection_generator import MultilevelDetectionGenerator
    from official.vision.modeling.retinanet_model import RetinaNetModel
    from official.vision.serving import detection

    model = config.model
    params = config_definitions.ExperimentConfig(task=model.task_config())
    backbone = network.backbone
    if backbone.input_shape[-1] == 1:  # the small network has one channel, tf-models' preprocessing returns three
        image = tf.keras.layers.Input((*model.input_size, 3))
        backbone = tf.keras.Model(image, backbone(tf.reduce_mean(image, axis=-1, keepdims=True)))
    stock = RetinaNetModel(backbone, network.decoder, network.head, MultilevelDetectionGenerator(nms_version="v2"))

    class StockModule(detection.DetectionModule):
        def _build_model(self):
            return stock

    module = StockModule(params=params, batch_size=1, input_image_size=list(model.input_size), num_channels=3)
    signatures = module.get_inference_signatures({"image_tensor": "serving_default"})
    tf.saved_model.save(module, str(folder), signatures=signatures)


if __name__ == "__main__":
    measure.run(main)
