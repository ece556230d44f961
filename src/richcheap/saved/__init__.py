"""Models that travel: what a project saves of its last run, with cards and hashes, and how it is loaded elsewhere.

What is saved is read by `richcheap` alone: no project, no dvc.lock, no git.
"""

__all__ = ["cards", "champion", "market_files", "models"]
