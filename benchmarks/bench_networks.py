"""Goal: unet trains at least 25 times as many images per second as autoencoder, SignVer's reference network, on CPU.

Both are trained with their configured batch, loss, optimizer and schedule by `benchmarks.bare_loop`, in turns in one
process: first in float32, then in the number format that `hardware.dtype=auto` chooses on this processor, each ratio
between networks of the same format. The goal is for the latter, which runs use. An image is a whole picture for both
networks. By default, unet trains on smaller windows, whose rate is shown at the end and not compared. Takes four
minutes, and one more minute if the dataset is not cached.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure
from data.signver import MODEL_SIZE
from engine.config import Config
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.validation import changed
from models.task import Data

if TYPE_CHECKING:
    from benchmarks.bare_loop import BareLoop

GOAL = 25


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__)
    options.add_argument("--seconds", type=float, default=8.0, help="smallest length of a turn (%(default)s)")
    options.add_argument("--pairs", type=int, default=4, help="turns of each network and format (%(default)s)")
    given = options.parse_args()
    overrides = measure.train_overrides(given)
    windows = measure.config_of([*overrides, "model=unet"])
    whole = measure.config_of([*overrides, "model=unet", f"model.window={MODEL_SIZE}"])
    networks = [whole, measure.config_of([*overrides, "model=autoencoder"])]
    pools = measure.load_data(networks[0])
    auto = networks[0].hardware.compute_dtype
    for dtype in dict.fromkeys(("float32", auto)):
        ratio = _compare(networks, pools, dtype, given.seconds, given.pairs)
    from benchmarks.bare_loop import BareLoop

    rate = _turn(BareLoop(windows, pools), given.seconds)()
    measure.show(f"unet, {auto}, windows of {windows.model.window}", f"{rate:8.1f} windows/s")
    measure.report(f"{GOAL} times or more, in {auto}", f"{ratio:.1f} times", ratio >= GOAL)


def _compare(networks: list[Config], pools: Data, dtype: str, seconds: float, pairs: int) -> float:
    """Prints images per second of both networks; returns their ratio."""
    networks = [changed(config, {"hardware.dtype": dtype}) for config in networks]
    configure_tensorflow(networks[0])
    from benchmarks.bare_loop import BareLoop

    turns = [_turn(BareLoop(config, pools), seconds) for config in networks]
    measured = measure.in_turns(*turns, pairs)
    for config, rate in zip(networks, measure.medians(measured), strict=True):
        model = config.model
        measure.show(f"{model.name}, {dtype}, batch {model.batch_size}", f"{rate:8.1f} images/s")
    ratio = measure.median_ratio(measured)
    measure.show(f"ratio, {dtype}", f"{ratio:8.1f} ({measure.spread(measured)})")
    return ratio


def _turn(loop: "BareLoop", seconds: float) -> Callable[[], float]:
    """A function that trains for about so many seconds, at least one step, and returns images per second."""
    loop.run(1)  # traces
    steps = max(1, round(seconds / measure.seconds_of(lambda: loop.run(1))))
    return lambda: steps * loop.batch_size / measure.seconds_of(lambda: loop.run(steps))


if __name__ == "__main__":
    measure.run(main)
