"""The enumerations of data_classes.tsv and literal_types.tsv."""

import enum


class Sex(enum.Enum):
    F = "female"
    M = "male"


class Size(enum.Enum):
    S = "small"
    L = "large"


class SexSub(enum.Enum):
    F = "female"
