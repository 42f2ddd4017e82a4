"""`task=detector`: finds signatures, initials, redactions and dates on pages. `task` says what belongs to it."""
