"""The one error of ingestion: a file that cannot be used, in one line that a user can act on."""


class InputError(ValueError):
    """A file, or a column of it, is not what the data contract asks for."""
