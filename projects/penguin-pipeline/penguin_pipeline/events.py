"""What can happen in a night. An input of the workflow provokes each event, so that you can watch what follows."""

from enum import Enum


class Survey(Enum):
    """What is wrong with the files that arrive."""

    usual = "usual"
    broken = "broken"  # 21 rows are bad
    incomplete = "incomplete"  # the file of one island lacks a column
    mislabelled = "mislabelled"  # every row is valid, but on one island males are called females


class DieAt(Enum):
    """Where the first attempt of a task dies, as if its machine were taken away."""

    nowhere = "nowhere"
    training = "training"
