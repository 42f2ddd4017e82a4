"""What all runs share, whatever their task: config, run folder, training loop, console. Imports models and data.

Import its modules one by one. Those that need TensorFlow are imported only after the config is accepted.
"""

from pathlib import Path

from engine.cli.launcher_folder import find_launcher

find_launcher(Path(__file__).resolve().parents[1] / "launchers")
