"""Tasks and their networks, which `task=` and `model=` choose. The only other package that it imports is data.

A task is a folder (`cleaner`, `detector`) whose `task.py` names everything that belongs to it, as a `task.Task`. Its
models are `optimisation.Model` objects with their limits beside their builders. `docs/extending.md` adds one of each.
`task.py`, and each module that `_target_` names in conf/, imports TensorFlow inside functions only: a config is
accepted or refused before TensorFlow is imported.
"""
