"""How a stage runs: its frame, workers, checkpoints, progress and the digest of its code."""

__all__ = ["checkpoints", "code_digest", "import_closure", "map_tasks", "prefetch", "progress", "stage_main", "workers"]
