"""Whatever stands in a lesson.toml: it is read, or refused in one line."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.core.errors import Stop
from tools.lessons import catalog

PARTS = [
    *('""', "''", '"x"', '"""a\nb"""', "0", "-1", "1.5", "nan", "inf", "9" * 4301, "1e999", "true", "[]", "[[]]", "{}"),
    *('{ a = "b" }', "2024-12-31", "07:30:00", "[" * 3000, '"\\u0000"', '"\\uD800"', '"ä"', '"../x:wf"', '"a.b:C\\n"'),
    *("=", "[inputs]", "[images.default]", "[[cases]]", "\x00", "\xff", "#", "\n", '"' + "x" * 5000 + '"'),
    *('"(unclosed"', '"a.' + "b" * 300 + ':c"', "entry_point", "inputs.x.y", '"requirements-x.txt"', '"base"'),
]
MUTATIONS = 200


def mutated(text: str, chance: random.Random) -> str:
    """The text with one to three faults: a value, a word or a piece of it replaced, removed or doubled."""
    for _ in range(chance.randint(1, 3)):
        places = [match.span() for match in re.finditer(r'"[^"\n]*"|[\w.]+|\[.*?\]', text)] or [(0, len(text))]
        start, end = chance.choice(places)
        new = chance.choice([chance.choice(PARTS), "", text[start:end] * 2, text[start:end][::-1]])
        text = text[:start] + new + text[end:]
    return text


@pytest.fixture
def read(projects: Path) -> Callable[[bytes], object]:
    """Reads a lesson whose lesson.toml has a content."""

    def read(content: bytes) -> object:
        (projects / "type-system" / "lesson.toml").write_bytes(content)
        return catalog.find("type-system")

    return read


def test_a_mutated_file_is_read_or_refused_in_one_line(read, projects):
    chance = random.Random(16)
    original = (projects / "type-system" / "lesson.toml").read_text(encoding="utf-8")
    refused = 0
    for _ in range(MUTATIONS):
        content = mutated(original, chance)
        try:
            read(content.encode(errors="surrogatepass"))
        except Stop as stop:
            refused += 1
            assert str(stop).startswith("projects/type-system/lesson.toml"), content
            assert "\n" not in str(stop), content
            assert len(str(stop)) < 600, content
    assert MUTATIONS / 4 < refused < MUTATIONS  # both happen, and often


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"order = " + b"9" * 4301, "lesson.toml: Exceeds the limit (4300 digits)"),
        (b"\xff\xfe", "lesson.toml: "),
        (b"inputs = " + b"[" * 100_000, "lesson.toml: lists or tables are nested too deeply"),
        (b"", "lesson.toml: Object missing required field"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(read, stopped, content, words):
    assert words in stopped(read, content)


def test_a_folder_in_its_place_is_one_line(projects, stopped):
    file = projects / "type-system" / "lesson.toml"
    file.unlink()
    file.mkdir()
    assert stopped(catalog.find, "type-system") == "projects/type-system/lesson.toml cannot be read: Is a directory"


@pytest.mark.parametrize("name", ["TrainModel", "_wf", "größe", "wf2"])
def test_a_workflow_may_have_any_name_of_python(read, projects, name):
    text = (projects / "type-system" / "lesson.toml").read_text(encoding="utf-8")
    assert read(re.sub(r"(?<=workflow:)\w+", name, text, count=1).encode()).lesson.entry_point.endswith(f":{name}")


@pytest.mark.parametrize("name", ["2wf", "a b", "a-b", "", "wf\\n", "wf()"])
def test_what_is_no_name_of_python_is_refused(read, projects, stopped, name):
    text = (projects / "type-system" / "lesson.toml").read_text(encoding="utf-8")
    assert "$.entry_point" in stopped(read, re.sub(r"(?<=workflow:)\w+", lambda _: name, text, count=1).encode())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: None, "the project has no requirements.in"),
        (lambda file: file.write_bytes(b"\xff\xfe"), "requirements.in is not UTF-8 text; save it as UTF-8"),
        (lambda file: file.mkdir(), "requirements.in cannot be read: Is a directory"),
        (lambda file: file.write_text("a b c\n"), "requirements.in: 'a b c' is not a requirement"),
    ],
)
def test_a_requirements_in_that_is_missing_or_wrong_is_one_line(projects, stopped, make, words):
    from tools.environments.pins import need_fresh

    file = projects / "type-system" / "requirements.in"
    file.unlink()
    make(file)
    assert words in stopped(lambda: need_fresh(catalog.find("type-system").environment.lock))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: None, "the project has no requirements.txt"),
        (lambda file: file.write_bytes(b"\xff\xfe"), "requirements.txt is not UTF-8 text"),
        (lambda file: file.mkdir(), "requirements.txt cannot be read: Is a directory"),
    ],
)
def test_a_lock_that_is_missing_or_wrong_is_one_line(projects, stopped, make, words):
    file = projects / "type-system" / "requirements.txt"
    file.unlink()
    make(file)
    assert words in stopped(lambda: catalog.find("type-system").environment.is_made())
