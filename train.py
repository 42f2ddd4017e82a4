"""The one entry point: train, evaluate, export and use SignVer's models. `python train.py --help` shows how."""

import sys
from pathlib import Path

import hydra
from omegaconf import DictConfig

from engine import command_line, config

config.register()
CONF = Path(__file__).resolve().with_name("conf")  # also behind a symbolic link to this file


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def main(cfg: DictConfig) -> float | None:
    """Runs one composed config and returns the metric to optimise."""
    return command_line.run(cfg)


if __name__ == "__main__":
    sys.exit(command_line.call(main, conf=CONF))
