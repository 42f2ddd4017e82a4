"""What the SignVer library fixes for its models."""

MODEL_SIZE = 224
"""Height and width in pixels of the cleaner's input and output."""
