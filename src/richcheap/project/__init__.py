"""Projects without a clone: what `richcheap new` makes, and keeps up to date with the installed package.

Nothing of the pipeline itself lives here: a project's files are the repository's own.
"""

__all__ = ["code", "new", "record", "template", "upgrade"]
