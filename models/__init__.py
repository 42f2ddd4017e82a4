"""Networks, losses, metrics, tf-models tasks, export and prediction. Of this project it imports data alone."""
