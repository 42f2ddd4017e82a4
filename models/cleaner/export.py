"""A trained network as the SavedModel that SignVer's `Cleaner` loads.

SignVer calls `tf.keras.models.load_model(path, custom_objects={"PSNR": None, "SSIM": None})` (Keras 2) and then
`model.predict(x, batch_size=64)` with x float [B, 224, 224, 3] in [0, 1], white paper = 1; it expects the same back.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import tensorflow as tf

from data.signver import MODEL_SIZE
from models.export_folder import exporting, not_an_export, trained_network
from models.layers.plain import plain_network
from models.tensorflow_paths import tensorflow_path


def signver_model(network: tf.keras.Model) -> tf.keras.Model:
    """Puts SignVer's contract around a network from image to logits.

    Only layers that ship with Keras are used: the saved model needs no code of this project.

    Args:
      network: float [B, 224, 224, C] to logits of the same shape, C = 1 or 3.

    Returns:
      Model float32 [B, 224, 224, 3] in [0, 1] to the same.
    """
    image = x = tf.keras.layers.Input((MODEL_SIZE, MODEL_SIZE, 3), name="image")
    one_channel = network.input_shape[-1] == 1
    if one_channel:
        x = tf.reduce_mean(x, axis=-1, keepdims=True)
    x = tf.keras.layers.Activation("sigmoid", dtype="float32", name="white")(network(x))
    if one_channel:
        x = tf.keras.layers.Concatenate(name="cleaned")([x, x, x])
    return tf.keras.Model(image, x, name=network.name)


def export_cleaner(build_network: Callable[[], tf.keras.Model], checkpoint: str, folder: Path) -> None:
    """Writes the weights of a checkpoint as SignVer's SavedModel, which appears whole and replaces an old export.

    Args:
      build_network: the network that the checkpoint was trained with.
      checkpoint: prefix of a checkpoint that holds `model`.
      folder: the SavedModel's folder.
    """
    with exporting(build_network, checkpoint, folder) as (network, scratch):
        signver_model(plain_network(network)).save(scratch, save_format="tf", include_optimizer=False)


def convert_cleaner(build_network: Callable[[], tf.keras.Model], checkpoint: str, formats: Mapping[str, Path]) -> None:
    """Writes the weights of a checkpoint as files of other formats, with the input and output of the SavedModel.

    Args:
      build_network, checkpoint: as of `export_cleaner`.
      formats: name of a format -> its file.
    """
    from models.formats.converters import convert

    with trained_network(build_network, checkpoint) as network:
        module = tf.Module()
        module.model = signver_model(plain_network(network))
        image = tf.TensorSpec([None, MODEL_SIZE, MODEL_SIZE, 3], tf.float32, name="image")
        call = tf.function(
            lambda image: {"cleaned": module.model(image, training=False)}, input_signature=[image], autograph=False
        )
        for name, path in formats.items():
            convert(module, call, name, path)


def load_cleaner(folder: Path) -> tf.keras.Model:
    """Loads an export exactly as SignVer does; see the module's docstring.

    Raises:
      UserError: it is damaged, or no cleaner.
    """
    try:
        model = tf.keras.models.load_model(tensorflow_path(folder), custom_objects={"PSNR": None, "SSIM": None})
        shapes = model.input_shape, model.output_shape
    except (tf.errors.OpError, ValueError, AttributeError, OSError, IndexError) as error:
        raise not_an_export(folder, "cleaner", error) from None
    if set(shapes) != {(None, MODEL_SIZE, MODEL_SIZE, 3)}:
        raise not_an_export(folder, "cleaner", f"it takes {shapes[0]} and gives {shapes[1]}")
    return model
