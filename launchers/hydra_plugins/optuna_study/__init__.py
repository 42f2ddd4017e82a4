"""`hydra/sweeper=study`: Optuna 4 chooses the values. The study is in the folder of the sweep and can be resumed.

With `hydra/launcher=mpi` a trial is asked for whenever there is room for it, and `hydra.launcher.resume` takes a study
up again; with any other launcher trials come in batches. Modules, each of which knows those above it alone:

- `_making`, `_pruner`, `_settings`: the options, checked
- `_returned`: what a trial returns, as numbers
- `_flat`: refuses ranges inside of lists and dictionaries
- `_search_space`: Hydra's overrides as Optuna's distributions, and back
- `_choosing`: one value of a parameter, or all of a grid
- `_enqueued`: trials that come before those of the sampler
- `_storage`, `_study`: where a study lies; `ask` for one trial and `tell` its result
- `_failures`: how many trials may fail
- `_jobs`: whether a study and the launcher's jobs belong together
- `_source`, `_batches`: trials one at a time, and in batches
- `_pictures`, `_results`: what a search has found
- `sweeper`: the plugin
"""
