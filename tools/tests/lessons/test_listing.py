"""`make list` shows the lessons."""

import re

from tools.lessons import catalog
from tools.lessons.listing import list_lessons


def test_list_shows_every_lesson_with_its_time(capsys):
    list_lessons()
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split()[1] for row in rows] == [project.name for project in catalog.every()]
    assert all(re.search(r" \d+ min$", row) for row in rows)
