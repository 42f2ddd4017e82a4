"""From scans to clean signatures: finds with a detector, cuts out, cleans with a cleaner. `extraction.py` leads."""
