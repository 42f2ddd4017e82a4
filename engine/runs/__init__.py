"""Runs on disk: their folders, checkpoints and records, what a command says of an old one, a trial among its sweep."""
