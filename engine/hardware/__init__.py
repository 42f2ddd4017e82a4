"""The hardware of a run: devices that `hardware=` chooses, what this machine has of them, ranks, TensorFlow's set-up.

A kind of device is a subclass of `device.Hardware`, named by `conf/hardware/<name>.yaml`; `docs/extending.md` adds one.
"""
