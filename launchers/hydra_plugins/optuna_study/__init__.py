"""hydra-optuna-sweeper with a study on disk that goes on after a stop, for sweeps under the MPI launcher.

Its config is that of `hydra/sweeper=optuna` with `_target_: hydra_plugins.optuna_study.sweeper.StudySweeper`.
"""
