"""What all runs share, whatever their task: config, run folder, training loop, console. Imports models and data.

Import its modules one by one. Those that need TensorFlow are imported only after the config is accepted.
"""
