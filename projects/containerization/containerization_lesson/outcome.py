"""What a task of one image gives to a task of another image: figures."""

from dataclasses import dataclass


# Only figures leave an image, never the model: see "What may pass between two images" in the README.
@dataclass
class Outcome:
    """The results of a model of one release of scikit-learn, on the training part and on the test part.

    Attributes:
        release: the release of scikit-learn.
        iterations: the number of steps until training stopped.
        train_accuracy, test_accuracy: the share of penguins whose species the model predicts correctly.
        train_confusion, test_confusion: the number of penguins by true species (rows) and predicted species
            (columns), both in the order of penguins.SPECIES.
    """

    release: str
    iterations: int
    train_accuracy: float
    test_accuracy: float
    train_confusion: list[list[int]]
    test_confusion: list[list[int]]
