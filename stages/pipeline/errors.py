"""Faults that a user can mend, each one line: what was expected, what came, where, what to do.

::

    RichcheapError
    |-- ParamsError      params.yaml holds a wrong key or value
    |-- DataError        an input file breaks the data contract
    |-- ArtifactError    a file made by a stage is missing, broken or not the one that dvc.lock records
    `-- WorseError       a result is worse than params.yaml allows

Anything else that is raised is a fault of the program and keeps its traceback.
"""


class RichcheapError(Exception):
    """Base of every fault that a user can mend."""


class ParamsError(RichcheapError):
    """A wrong key or value in params.yaml; one line for each fault."""


class DataError(RichcheapError):
    """An input file that breaks the data contract."""


class ArtifactError(RichcheapError):
    """A file made by a stage that is missing, broken or not the one that dvc.lock records."""


class WorseError(RichcheapError):
    """A result that is worse than params.yaml allows."""
