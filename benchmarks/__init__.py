"""Benchmarks: one script for each measurement in docs/benchmarks.md. Imports everything; nothing imports it."""
