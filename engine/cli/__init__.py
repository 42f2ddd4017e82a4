"""The command line around Hydra: old runs, help for people, errors in one line."""
