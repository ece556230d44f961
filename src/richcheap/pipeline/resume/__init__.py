"""What a stage leaves for its next run, and what that run takes up: parts, the state of a folder, a result.

Each counts only while the code, the params and the data that it was made from are the same.
"""

__all__ = ["continuation", "kept_result", "kept_state"]
