"""A module that cannot be imported."""

raise ImportError("a driver is missing")  # wrong
