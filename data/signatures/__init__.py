"""The cleaner's training data: signatures, scanned or drawn, printed noise, pools of both, pairs from the pools."""
