"""What a kind of cards of your own is made of: subclass `Device`, and name it by `hydra.launcher.device_kind`.

Hydra imports this file anew at the start of every program; the classes lie where they stay the same.
"""

from hydra_plugins.mpi_launcher._devices import Card, Device

__all__ = ["Card", "Device"]
