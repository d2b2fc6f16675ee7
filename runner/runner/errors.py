"""The exceptions that end a command or a run on purpose."""


class Stop(Exception):
    """What is wrong, and the next step, in one line; the command ends with exit status 2."""


class Failure(Exception):
    """A run failed, and the message says why; `details` has all there is to know, if that is more."""

    def __init__(self, message: str, details: str = ""):
        super().__init__(message)
        self.details = details

class Done(Exception):
    """All is done that was asked for; the command ends with exit status 0."""
