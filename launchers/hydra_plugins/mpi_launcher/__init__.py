"""A Hydra launcher that runs every job under Open MPI's `mpirun` and packs jobs on the cards there are."""

__version__ = "0.1.0"
