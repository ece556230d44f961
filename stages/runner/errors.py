"""The fault of a project that the runner cannot read: a user mends it."""

from stages.pipeline.errors import RichcheapError


class ProjectError(RichcheapError):
    """No project, a pipeline that DVC cannot read, a target that it does not have, or a project that is busy."""
