"""From valued prints to the dataset: the one place where a price becomes a feature."""
