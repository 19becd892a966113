"""Why a file cannot be used."""


class FormatError(Exception):
    """Why a file cannot be used. The message says what is wrong and where."""


class NotAModel(FormatError):
    """The file is of another kind."""


class Damaged(FormatError):
    """A .dnn file that was cut short, altered or written wrongly."""


class Unsupported(FormatError):
    """A .dnn file that needs a newer reader."""


def require(condition, message):
    """Raises Damaged with the message unless the condition holds."""
    if not condition:
        raise Damaged(message)


def require_in(number, low, high, what):
    """Raises Damaged unless low ≤ number ≤ high."""
    require(low <= number <= high, f"{what} is {number}, not {low} to {high}")


def require_known(name, names, what):
    """Raises Unsupported unless the name is one that the format lists."""
    if name not in names:
        raise Unsupported(f"{what} {name!r} is unknown")
