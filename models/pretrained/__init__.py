"""The pretrained models: for each task a folder with packed weights and a card that says how they came to be."""
