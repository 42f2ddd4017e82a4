"""`hydra/sweeper=study`: Optuna 4 chooses the values. The study is in the folder of the sweep and can be resumed.

It works with any launcher; with `hydra/launcher=mpi` trials of a batch run side by side and `hydra.launcher.resume`
takes a study up again. Modules, each of which knows those above it alone:

- `_returned`: what a trial returns, as numbers
- `_search_space`: Hydra's overrides as Optuna's distributions, and back
- `_settings`: the options, checked
- `_study`: `ask` for one trial and `tell` its result
- `_batches`: trials in batches, and those that were interrupted
- `sweeper`: the plugin
"""
