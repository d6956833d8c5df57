"""The errors of the engine: what was given, what is allowed, what to do."""


class DataError(ValueError):
    """Data that no index may be computed from.

    The message names the rows, the field, the value, the rule that it breaks and the remedy.
    """
