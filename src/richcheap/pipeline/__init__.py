"""What knows DVC, files and params: config, storage, execution and memory of stages.

Nothing here knows a bond. Libraries use its typed sections and its tools for large tables alone.
"""

__all__ = ["config", "errors", "execution", "memory", "storage"]
