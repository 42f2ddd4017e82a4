"""A Hydra launcher that runs every job under Open MPI's `mpirun` and packs jobs on the cards there are.

Hydra imports every module of a plugin at the start of every program, and anew, except those named with an underscore.
So all but `launcher` are.
"""

__version__ = "0.1.0"
