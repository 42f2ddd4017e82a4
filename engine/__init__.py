"""What every run is made of, whichever the task: config, run folder, training loop, console. Imports models and data.

Modules are imported one by one; those that need TensorFlow are imported only after the config has been accepted.
"""
