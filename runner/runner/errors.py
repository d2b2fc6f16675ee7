"""The exception that ends a command on purpose."""


class Stop(Exception):
    """What is wrong, and the next step, in one line; the command ends with exit status 2."""
