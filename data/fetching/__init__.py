"""How a dataset or a file gets here: from a folder, a zip, Kaggle or an address."""
