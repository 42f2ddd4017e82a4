"""From scans to clean signatures: detects, cuts out and cleans. `extraction.py` has the entry point."""
