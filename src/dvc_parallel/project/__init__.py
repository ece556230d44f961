"""The DVC project: its graph, its lock file, and their recovery after a kill."""
