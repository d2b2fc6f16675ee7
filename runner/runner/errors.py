"""The exceptions that end a command on purpose."""


class Stop(Exception):
    """What is wrong, and the next step, in one line; the command ends with exit status 2."""


class Done(Exception):
    """All is done that was asked for; the command ends with exit status 0."""
