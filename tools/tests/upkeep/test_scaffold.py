"""`make new-project` gives a lesson that runs, tests and builds at once; a bad name leaves nothing behind."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tools.lessons import catalog
from tools.tiers.local import DEV
from tools.upkeep import derived, scaffold

LEFTOVERS = ("new-lesson", "new_lesson", "New lesson", "flyte-basics", "flyte_basics")
LESSON = (
    ".dockerignore",
    "Dockerfile",
    "README.md",
    "exercises/exercise_1.md",
    "exercises/exercise_1.patch",
    "exercises/exercise_1.py",
    "exercises/exercise_1.wrong.patch",
    "lesson.toml",
    "my_lesson/__init__.py",
    "my_lesson/workflow.py",
    "requirements.in",
    "requirements.txt",
    "tests/conftest.py",
    "tests/test_my_lesson.py",
)


def tree(root: Path) -> dict[str, bytes]:
    """The files of a folder with their content, but for what make made."""
    made = {".tools", ".venv", "out", "__pycache__", ".ruff_cache"}
    files = [path for path in root.rglob("*") if path.is_file() and not made & {*path.parts}]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def before(clone_with_uv) -> dict[str, bytes]:
    return tree(clone_with_uv)


@pytest.fixture(scope="module")
def root(clone_with_uv, before, make) -> Path:
    """A clone in which `make new-project NAME=my-lesson` has been called."""
    answer = make("new-project", "NAME=my-lesson", root=clone_with_uv)
    assert answer.returncode == 0, answer.stderr
    ready, where = answer.stdout.splitlines()[-1].split("; ")
    assert ready == "projects/my-lesson is ready: make run PROJECT=my-lesson"
    assert where == "the code is in projects/my-lesson/my_lesson/workflow.py"
    return clone_with_uv


def test_the_new_lesson_is_complete_and_all_else_is_as_before(root, before):
    after = tree(root)
    assert {name for name in before if after[name] != before[name]} == {"README.md", "docker-bake.json"}
    assert sorted(after.keys() - before.keys()) == [f"projects/my-lesson/{name}" for name in LESSON]


@pytest.mark.parametrize("word", LEFTOVERS)
def test_the_new_lesson_names_no_other(word, root):
    lesson = tree(root / "projects" / "my-lesson")
    assert [name for name, content in lesson.items() if word.encode() in content or word in name] == []


def test_the_readme_and_the_bake_file_name_it(root):
    assert "| [my-lesson](projects/my-lesson) |" in (root / "README.md").read_text()
    images = json.loads((root / "docker-bake.json").read_text())["variable"]["LESSON_IMAGES"]["default"]
    (new,) = (image for image in images if image["name"] == "my-lesson")
    model = next(image for image in images if image["name"] == "flyte-basics")
    assert new == {**model, "name": "my-lesson", "lesson": "my-lesson", "title": "My lesson"}


def test_the_new_lesson_is_listed_last(root, make):
    assert make("list", root=root).stdout.splitlines()[-1].split()[1] == "my-lesson"


@pytest.mark.parametrize(
    "words",
    [
        ("ruff", "check", "projects/my-lesson"),
        ("ruff", "format", "--check", "projects/my-lesson"),
        ("hadolint", "--config", "images/hadolint.yaml", "projects/my-lesson/Dockerfile"),
    ],
    ids=" ".join,
)
def test_the_new_lesson_is_in_good_style(words, root):
    command = [DEV.folder / "bin" / words[0], *words[1:]]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_new_lesson_runs(root, make):
    answer = make("run", "PROJECT=my-lesson", root=root)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "species: Gentoo\n" in answer.stdout


def test_the_new_lesson_passes_its_tests_until_its_figures_change(root, make):
    answer = make("test", "PROJECT=my-lesson", root=root)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    file = root / "projects" / "my-lesson" / "lesson.toml"
    shipped = file.read_text()
    file.write_text(shipped.replace('"Gentoo"', '"Adelie"', 1))
    answer = make("test", "PROJECT=my-lesson", root=root)
    file.write_text(shipped)
    assert answer.returncode == 2
    assert answer.stderr.startswith("make test: tests failed: my-lesson\n")


@pytest.mark.parametrize("name", ["", "../x", "a b"])
def test_a_bad_name_is_one_line(name, root, make_stops):
    before = tree(root)
    line = make_stops("new-project", f"NAME={name}", root=root)
    assert line.startswith(f"make new-project: NAME={name!r} cannot name a lesson: ")
    assert tree(root) == before


@pytest.fixture
def scaffolded(projects, monkeypatch):
    """Makes a lesson in the copy of projects/ and returns what is read from it."""
    monkeypatch.setattr(scaffold, "PROJECTS", projects)
    monkeypatch.setattr(derived, "DERIVED", {})

    def scaffolded(name: str) -> catalog.Project:
        monkeypatch.setenv("NAME", name)
        scaffold.new_project()
        return catalog.find(name)

    return scaffolded


@pytest.mark.parametrize("name", ["My-Lesson", "a/b", "/x", "-x", "x-", "a--b", "1x", "a_b", "a.b", "ä", "x\n"])
def test_a_name_that_is_none_is_refused(name, scaffolded, projects, stopped):
    before = tree(projects)
    assert stopped(scaffolded, name).startswith(f"NAME={name!r} cannot name a lesson: ")
    assert tree(projects) == before


def test_a_name_that_is_taken_is_refused(scaffolded, projects, stopped):
    before = tree(projects)
    assert stopped(scaffolded, "flyte-basics") == "projects/flyte-basics is there already; choose another NAME"
    assert tree(projects) == before


@pytest.mark.parametrize(
    ("name", "lesson"),
    [
        ("pytorch-training", "pytorch"),
        ("containerization-old", "containerization"),
        ("containerization-checksum", "containerization"),
        ("flyte-decks-profile", "flyte-decks"),
    ],
)
def test_a_name_of_another_lessons_image_is_refused(name, lesson, scaffolded, projects, stopped):
    before = tree(projects)
    told = f"NAME={name!r} is what projects/{lesson} calls an image; choose another NAME"
    assert stopped(scaffolded, name) == told
    assert tree(projects) == before


# What is in the way but no name of a lesson: bake then finds an endless loop, or builds all lessons for one.
@pytest.mark.parametrize("name", ["base", "tabular", "sklearn", "spark-base", "uv", "environment", "lesson", "default"])
def test_a_name_of_a_bake_target_is_refused(name, scaffolded, stopped):
    assert name in stopped(scaffolded, name)


@pytest.mark.parametrize("name", ["numpy", "duckdb", "spark2"])
def test_a_name_of_one_word_gets_a_package_that_hides_no_other(name, scaffolded):
    project = scaffolded(name)
    assert project.package == f"{name}_lesson"
    assert (project.folder / "tests" / f"test_{name}_lesson.py").exists()


def test_lessons_are_numbered_on(scaffolded):
    last = catalog.every()[-1].lesson.order
    assert [scaffolded(name).lesson.order for name in ("next-one", "one-more")] == [last + 1, last + 2]


def test_the_title_is_made_from_the_name(scaffolded):
    assert scaffolded("spark-on-kubernetes").lesson.title == "Spark on kubernetes"


@pytest.mark.parametrize(
    "name",
    ["new-lesson", "my-new-lesson", "new-lesson-two", "flyte-basics-two", "after-flyte-basics"],
)
def test_a_name_may_hold_that_of_the_template_or_the_model(name, scaffolded):
    project = scaffolded(name)
    assert project.package == name.replace("-", "_")
    assert re.search(rf"^    make run PROJECT={name}$", (project.folder / "README.md").read_text(), re.MULTILINE)


def test_a_failure_in_between_leaves_nothing_behind(scaffolded, projects, monkeypatch):
    before = sorted(projects.iterdir())
    monkeypatch.setattr(scaffold, "FROM_MODEL", (*scaffold.FROM_MODEL, "not-there"))
    with pytest.raises(FileNotFoundError):
        scaffolded("my-lesson")
    assert sorted(projects.iterdir()) == before
