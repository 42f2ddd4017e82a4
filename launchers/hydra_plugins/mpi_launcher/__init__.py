"""A Hydra launcher that runs every job under Open MPI's `mpirun` and packs jobs on the available cards.

Hydra imports every module of a plugin again at the start of every program, except those named with an underscore. The
modules without an underscore are the public ones, and import little.
"""

__version__ = "0.1.0"
