"""Environment variables by which a user or a machine says something; one that is empty says nothing."""

import os


def variable(name: str) -> str:
    """Return a variable without the blanks around it; empty when it is not set, too."""
    return os.environ.get(name, "").strip()
