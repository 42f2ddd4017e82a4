"""The one entry point: train, evaluate, export and use SignVer's models. `python train.py --help` shows how."""

import signal
import sys
from pathlib import Path

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the imports ends the program without a traceback

import hydra
from omegaconf import DictConfig

from engine.cli import command_line
from engine.resolvers import register_resolvers
from engine.runs import run_settings

HOME = Path(__file__).resolve().parent  # also behind a symbolic link to this file
register_resolvers()
run_settings.register()


@hydra.main(version_base="1.3", config_path=str(HOME / "conf"), config_name="config")
def main(cfg: DictConfig) -> float | None:
    """Runs one composed config and returns the metric to optimise."""
    return command_line.run(cfg)


if __name__ == "__main__":
    sys.exit(command_line.call(main))
