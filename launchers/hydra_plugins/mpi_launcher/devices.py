"""The interface of a kind of cards: subclass `Device`, and name your class by `hydra.launcher.device_kind`.

Hydra imports this file again at the start of every program. The classes are in a private module, so that they stay the
same.
"""

from hydra_plugins.mpi_launcher._devices import Card, Device
from hydra_plugins.mpi_launcher._files import read, tool_output

__all__ = ["Card", "Device", "read", "tool_output"]
