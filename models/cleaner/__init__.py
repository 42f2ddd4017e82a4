"""`task=cleaner`: removes printed lines and words from around a signature. `task.py` names its parts."""
