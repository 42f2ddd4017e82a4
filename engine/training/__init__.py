"""The training of one run: tf-models' task and optimizer in Orbit's loop, with callbacks for all else."""
