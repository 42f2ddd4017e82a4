"""Properties of models that the SignVer library fixes."""

MODEL_SIZE = 224
"""Height and width in pixels of the cleaner's input and output."""
