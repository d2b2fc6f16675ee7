"""The exceptions that end a command or a run on purpose."""


class Stop(Exception):
    """What is wrong, and the next step, in one line; the command ends with exit status 2."""


class Done(Exception):
    """All is done that was asked for; the command ends with exit status 0."""


class Failure(Exception):
    """A run failed, and the message says why; `details` has all there is to know, if that is more."""

    def __init__(self, message: str, details: str = ""):
        super().__init__(message)
        self.details = details


def printable(text: str) -> str:
    """A text in one line that a terminal shows and does not obey: all that is no visible character is escaped."""
    words = " ".join(text.split())
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in words)
