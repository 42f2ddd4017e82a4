"""What every run is made of, whichever the task: config, run folder, training loop, console. Imports models and data.

Modules are imported one by one; those that need TensorFlow are imported only after the config has been accepted.
"""

from pathlib import Path

from engine.cli.launcher_folder import find_launcher

find_launcher(Path(__file__).resolve().parents[1] / "launchers")
