"""Folders of the real datasets, beside the repository; tests that need one are skipped without it."""

from programs import REPOSITORY

REAL_CEDAR = REPOSITORY.parent / "shared" / "data" / "cedar"
REAL_SIGNVEROD = REPOSITORY.parent / "shared" / "data" / "signverod"
