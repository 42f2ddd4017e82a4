"""The command line around Hydra: old runs, help, errors in one line."""
