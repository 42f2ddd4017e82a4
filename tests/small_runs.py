"""Overrides of runs that take seconds."""

SMALL = (
    "dataset=synthetic",
    "dataset.writers=6",
    "dataset.held_out_writers=2",
    "dataset.samples_per_writer=3",
    "dataset.variants=2",
    "dataset.noise_layers=16",
    "model.batch_size=2",
    "trainer.image_summaries=2",
)
"""A dataset and a batch of the cleaner."""

SMALL_UNET = (*SMALL, "model.filters=[8,8]", "model.window=64", "model.optimizer=adam")
"""A U-Net of two levels, with the optimizer that TensorFlow compiles fastest."""

SMALL_DETECTOR = (
    "task=detector",
    "dataset=synthetic",
    "model.input_size=[128,64]",
    "model.filters=[8,16,16,16,16]",
    "model.pyramid_filters=16",
    "model.refiner_filters=[8,16]",
    "model.batch_size=2",
)
"""A detector that is built in a second."""

TRAINED_DETECTOR = (
    "task=detector",
    "dataset=synthetic",
    "dataset.pages=16",
    "dataset.held_out_pages=4",
    "model.input_size=[256,192]",
    "model.max_level=4",
    "model.filters=[8,16,16]",
    "model.pyramid_filters=16",
    "model.refiner_filters=[8,16]",
    "model.optimizer=adam",
    "model.batch_size=2",
    "trainer.steps_per_loop=2",
    "trainer.image_summaries=3",
)
"""A dataset and a detector for whole runs."""

FEW_STEPS = ("trainer.train_steps=20", "trainer.validation_interval=10", "trainer.steps_per_loop=5")
"""A short training of the cleaner with two evaluations."""
