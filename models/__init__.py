"""Tasks and their networks: what `task=` and `model=` choose. Of this project it imports data alone.

A task is a folder (`cleaner`, `detector`) whose `task.py` names all that belongs to it, as a `task.Task`. Its models
are `optimisation.Model` objects with their limits beside their builders. `docs/extending.md` adds one of each.
`task.py`, and each module that `_target_` names in conf/, imports TensorFlow inside functions only: a config is
accepted or refused before TensorFlow is there.
"""
