"""`task=cleaner`: removes printed lines and words from around a signature. `task` says what belongs to it."""
