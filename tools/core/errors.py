"""The one exception that ends a target on purpose."""


class Stop(Exception):
    """What is wrong and the next step, in one line; the target ends with exit status 2."""
