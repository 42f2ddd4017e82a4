"""The one entry point: train, evaluate, export and use SignVer's models. `python train.py --help` shows how."""

import signal
import sys
from pathlib import Path

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the imports ends the program without a traceback

import hydra
from omegaconf import DictConfig

from engine import command_line, config

CONF = Path(__file__).resolve().with_name("conf")

config.register()


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def main(cfg: DictConfig) -> float | None:
    """Runs one composed config and returns the metric to optimise."""
    return command_line.run(cfg)


if __name__ == "__main__":
    sys.exit(command_line.call(main, conf=CONF))
