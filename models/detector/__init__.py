"""`task=detector`: finds signatures, initials, redactions and dates on pages. `task.py` names its parts."""
