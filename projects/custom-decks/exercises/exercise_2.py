"""Exercise 2: ConfusionRenderer takes a threshold, and a test checks it."""

import base64
import inspect
import re

import pandas as pd
from custom_decks.renderers import ConfusionRenderer

STATED = pd.DataFrame({"male": [False, False, False, True, True], "probability": [0.0, 0.25, 0.75, 0.5, 1.0]})

# Runs before the tests of the lesson, in their process.
DEAF = """
from custom_decks import renderers
class Deaf(renderers.ConfusionRenderer):
    def __init__(self, threshold=0.5):
        super().__init__()
renderers.ConfusionRenderer = Deaf
"""


def counts(renderer):
    """Returns the numbers in the picture: females predicted female and male, then males."""
    (picture,) = re.findall(r'base64,([^"]*)"', renderer.to_html({"one": STATED}))
    texts = re.findall(r"<text[^>]*>\s*(\d+)\s*</text>", base64.b64decode(picture).decode())
    return [int(number) for number in texts]


def test_begun():
    found = inspect.signature(ConfusionRenderer).parameters
    assert "threshold" in found, "ConfusionRenderer takes no threshold"


def test_default():
    found = inspect.signature(ConfusionRenderer).parameters["threshold"].default
    assert found == 0.5, f"the default of threshold must be 0.5, which changes nothing, not {found}"


def test_counts():
    for threshold, expected in ((0.8, [3, 0, 1, 1]), (0.75, [2, 1, 1, 1]), (0.2, [1, 2, 0, 2]), (0.5, [2, 1, 0, 2])):
        found = counts(ConfusionRenderer(threshold=threshold))
        assert found == expected, (
            f"with threshold={threshold} the matrix of five penguins has the counts {found}, not {expected}; "
            "the model predicts male from the threshold on"
        )


def test_has_a_test(lesson_tests):
    found = lesson_tests("confusion and threshold")
    assert found, "no test in tests/ has confusion and threshold in its name"
    failed = [name for name, passed in found.items() if not passed]
    assert not failed, f"your test fails: {', '.join(failed)}"


def test_its_test_sees_a_threshold_that_is_ignored(lesson_tests):
    found = lesson_tests("confusion and threshold", DEAF)
    assert not all(found.values()), (
        f"when ConfusionRenderer ignores its threshold, {', '.join(found)} still passes: it must compare the counts"
    )
