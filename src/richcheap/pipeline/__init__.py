"""What knows DVC, files and params: config, storage, execution and memory of stages, and how they resume.

Nothing here knows a bond. Libraries use its typed sections and its tools for large tables alone.
"""

__all__ = ["config", "errors", "execution", "memory", "resume", "storage"]
