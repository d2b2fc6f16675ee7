"""The picture of a lesson's graph, which its README shows, is that of its workflow.

make test PROJECT=x runs this in the lesson's environment, with --lesson; else it is about the example.
"""

import sys
from xml.etree import ElementTree

import pytest

from runner.lesson import Lesson
from runner.local.graph import FILE, model, picture

REFERENCES = {"default": "localhost/none:0"}


@pytest.fixture
def lesson(request, monkeypatch):
    folder = request.config.getoption("--lesson")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return Lesson.read(folder)


def test_the_picture_is_that_of_the_workflow(lesson):
    references = dict.fromkeys(lesson.images, REFERENCES["default"])
    drawn = picture(model(lesson, references | REFERENCES))
    file = lesson.folder / FILE
    if not file.exists() and FILE not in (lesson.folder / "README.md").read_text(encoding="utf-8"):
        return  # a new lesson, whose page shows no picture yet
    found = file.read_text(encoding="utf-8") if file.exists() else ""
    assert found == drawn, f"{FILE} is missing or not that of the workflow; run: make graph PROJECT={lesson.name}"


def test_the_picture_is_an_svg_with_every_node(lesson):
    drawn = model(lesson, dict.fromkeys(lesson.images, REFERENCES["default"]) | REFERENCES)
    root = ElementTree.fromstring(picture(drawn))  # noqa: S314  (a picture of our own)
    words = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    names = {node.name for node in drawn.top}
    assert all(any(word.startswith(name[:30]) for word in words) for name in names)
