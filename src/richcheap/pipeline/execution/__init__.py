"""How a stage runs: its frame, workers, checkpoints, progress and the digest of its code."""
