"""Each way in which a lesson.toml can be wrong is reported in one line that names the file and the key."""

import re
import shutil

import pytest

from tools.core.paths import ROOT, RUNNER
from tools.lessons import catalog

FILE = "projects/flyte-basics/lesson.toml: "


@pytest.fixture
def edit(projects):
    """Edits the lesson.toml of a lesson in the copy of projects/ by regular expression."""

    def edit(pattern: str, replacement: str, lesson: str = "flyte-basics") -> None:
        file = projects / lesson / "lesson.toml"
        edited, count = re.subn(pattern, replacement, file.read_text(), flags=re.MULTILINE)
        assert count, f"the lesson has nothing like {pattern}"
        file.write_text(edited)

    return edit


def another(projects, edit, name, order, package):
    """A second lesson, like the first but for its name, order and package."""
    shutil.copytree(projects / "flyte-basics", projects / name)
    if package != "flyte_basics":
        (projects / name / "flyte_basics").rename(projects / name / package)
        edit("flyte_basics", package, name)
    edit("^order = .*", f"order = {order}", name)


def test_the_lessons_of_this_checkout_are_right():
    assert "flyte-basics" in [project.name for project in catalog.every()]


def test_a_benchmark_that_is_no_file_is_named(edit, stopped):
    edit("^benchmark = .*", 'benchmark = "no_such.py"')
    assert stopped(catalog.every) == f"{FILE}benchmark: there is no file benchmarks/no_such.py"


def test_lessons_come_in_the_order_in_which_they_are_taught(projects, edit):
    another(projects, edit, "a-later-lesson", 900, "later")
    another(projects, edit, "z-middle-lesson", 899, "middle")
    assert [project.name for project in catalog.every()][-2:] == ["z-middle-lesson", "a-later-lesson"]


def test_a_folder_without_lesson_toml_is_no_lesson(projects):
    (projects / "notes").mkdir()
    assert "notes" not in [project.name for project in catalog.every()]


@pytest.mark.parametrize("key", ["title", "section", "order", "minutes", "teaches", "entry_point"])
def test_a_missing_key_is_named(key, edit, stopped):
    edit(rf"^{key} = .*\n", "")
    assert stopped(catalog.every) == f"{FILE}Object missing required field `{key}`"


@pytest.mark.parametrize("key", ["disk_mb", "memory_mb", "stage", "size_mb", "name"])
def test_a_missing_key_of_a_table_is_named(key, edit, stopped):
    edit(rf"^{key} = .*\n", "")
    line = stopped(catalog.every)
    assert line.startswith(f"{FILE}Object missing required field `{key}` - at `$.")


@pytest.mark.parametrize(
    ("pattern", "replacement", "words"),
    [
        pytest.param("^title", 'author = "x"\ntitle', "unknown field `author`", id="unknown key"),
        pytest.param(
            "^disk_mb", "disk_gb = 1\ndisk_mb", "unknown field `disk_gb` - at `$.needs`", id="unknown in table"
        ),
        pytest.param("^minutes = .*", 'minutes = "15"', "got `str` - at `$.minutes`", id="wrong type"),
        pytest.param("^minutes = .*", "minutes = 1.5", "got `float` - at `$.minutes`", id="no whole number"),
        pytest.param("^disk_mb = .*", "disk_mb = true", "got `bool` - at `$.needs.disk_mb`", id="wrong type in table"),
        pytest.param("^size_mb = .*", "size_mb = 0", "`int` >= 1 - at `$.images[...].size_mb`", id="size 0"),
        pytest.param("^title = .*", 'title = ""', "length >= 1 - at `$.title`", id="empty title"),
        pytest.param("^title = .*", "title = bare words", "(at line 2, column 9)", id="broken TOML"),
        pytest.param("^order = .*", "order = 1\norder = 2", "(at line 5, column ", id="key twice"),
        pytest.param("^section = .*", 'section = "Intro"', "'Intro' - at `$.section`", id="unknown section"),
        pytest.param("^order = .*", "order = 0", "`int` >= 1 - at `$.order`", id="order 0"),
        pytest.param("^entry_point = .*", 'entry_point = "flyte_basics"', "at `$.entry_point`", id="no module"),
        pytest.param("^entry_point = .*", 'entry_point = "a/b.py:c"', "at `$.entry_point`", id="a path"),
        pytest.param(
            r"^(entry_point = ).*",
            r'\1"flyte_basics.gone:workflow"',
            "entry_point: there is no file flyte_basics/gone.py in the project",
            id="module that is not there",
        ),
        pytest.param(r"^\[images.default\]", "[images.gpu]", "[images.default] is missing", id="no default image"),
        pytest.param(r"^\[images.default\]", '[images."A b"]', "at `key` in `$.images`", id="image name"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(pattern, replacement, words, edit, stopped):
    edit(pattern, replacement)
    line = stopped(catalog.every)
    assert line.startswith(FILE)
    assert words in line


def test_a_lesson_has_at_least_one_case(projects, stopped):
    file = projects / "flyte-basics" / "lesson.toml"
    file.write_text("cases = []\n" + file.read_text().partition("[[cases]]")[0])
    assert stopped(catalog.every) == f"{FILE}Expected `array` of length >= 1 - at `$.cases`"


def test_two_cases_of_one_name_are_refused(projects, stopped):
    file = projects / "flyte-basics" / "lesson.toml"
    file.write_text(file.read_text() + 2 * '\n[[cases]]\nname = "twin"\noutputs = {}\n')
    assert stopped(catalog.every) == f"{FILE}cases: two cases have the same name"


def test_a_file_that_is_not_utf8_is_named(projects, stopped):
    file = projects / "flyte-basics" / "lesson.toml"
    file.write_bytes(file.read_bytes() + b"# \xff\n")
    assert stopped(catalog.every).startswith(f"{FILE}'utf-8' codec")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param("", "'new' must have either outputs or fails", id="neither"),
        pytest.param('outputs = { a = 1 }\nfails = "b"', "'new' must have either outputs or fails", id="both"),
        pytest.param('fails = "("', "'new': fails is not a regular expression: (", id="no pattern"),
        pytest.param(
            'outputs = { a = 1 }\nwarns = "("', "'new': warns is not a regular expression: (", id="no warning"
        ),
        pytest.param("outputs = { a = 1 }\ntiers = []", "length >= 1 - at `$.cases[1].tiers`", id="no tier"),
        pytest.param('outputs = { a = 1 }\ntiers = ["moon"]', "'moon' - at `$.cases[1].tiers[0]`", id="other tier"),
        pytest.param('outputs = { a = 1 }\nentry_point = "x"', "at `$.cases[1].entry_point`", id="entry point"),
    ],
)
def test_a_case_that_cannot_be_checked_is_refused(lines, words, projects, stopped):
    file = projects / "flyte-basics" / "lesson.toml"
    file.write_text(file.read_text() + f'\n[[cases]]\nname = "new"\n{lines}\n')
    line = stopped(catalog.every)
    assert line.startswith(FILE)
    assert words in line


def test_a_base_has_no_package_that_the_lock_lacks(projects, edit, stopped):
    lock = projects / "flyte-basics" / "requirements.txt"
    lock.write_text(lock.read_text().replace("scikit-learn==1.9.1", "scikit-learn==1.9.0"))
    assert stopped(catalog.every) == (
        f"{FILE}images.default: its base sklearn has scikit-learn==1.9.1, requirements.txt has scikit-learn==1.9.0; "
        "pin scikit-learn==1.9.1 in requirements.in and run make lock PROJECT=flyte-basics, or choose another base"
    )


def test_an_image_has_an_environment_of_its_own_if_its_packages_differ(projects, edit):
    lock = projects / "flyte-basics" / "requirements-old.txt"
    edit("^base = .*", 'base = "base"\nlock = "requirements-old.txt"')
    lock.write_text("tiny==1.0\n")
    names = [environment.lock.name for environment in catalog.find("flyte-basics").environments]
    assert names == ["requirements.txt", "requirements-old.txt"]


def test_the_environment_of_the_lesson_stands_for_an_image_with_fewer_packages(projects, edit):
    lock = projects / "flyte-basics" / "requirements-few.txt"
    edit("^base = .*", 'base = "base"\nlock = "requirements-few.txt"')
    lock.write_text("scikit-learn==1.9.1\n")
    (environment,) = catalog.find("flyte-basics").environments
    assert environment.lock.name == "requirements.txt"


def test_an_image_without_python_has_no_lock_and_no_environment(projects, edit):
    edit(r"^\[images.default\]", '[images.raw]\nstage = "raw"\nsize_mb = 5\nlock = ""\n\n[images.default]')
    lesson = catalog.find("flyte-basics")
    assert lesson.lesson.images["raw"].lock == ""
    assert [environment.lock.name for environment in lesson.environments] == ["requirements.txt"]


def test_the_cuda_lock_of_a_lesson_is_chosen_by_a_variable(projects, monkeypatch):
    (projects / "flyte-basics" / "requirements-cuda.txt").write_text("tiny==1.0\n")
    assert catalog.find("flyte-basics").environment.lock.name == "requirements.txt"
    monkeypatch.setenv("TORCH", "cuda")
    assert catalog.find("flyte-basics").environment.lock.name == "requirements-cuda.txt"
    assert catalog.find("map-tasks").environment.lock.name == "requirements.txt"


@pytest.mark.parametrize("name", ["Dockerfile", "requirements.txt", "README.md"])
def test_a_missing_file_of_a_lesson_is_named(name, projects, stopped):
    (projects / "flyte-basics" / name).unlink()
    assert stopped(catalog.every) == f"{FILE}the project has no {name}"


def test_two_lessons_of_one_order_are_both_named(projects, edit, stopped):
    another(projects, edit, "next-lesson", 900, "next_lesson")
    another(projects, edit, "other-lesson", 900, "other_lesson")
    line = stopped(catalog.every)
    assert "projects/next-lesson" in line
    assert "projects/other-lesson" in line
    assert line.endswith("both say order = 900")


def test_two_lessons_of_one_package_are_both_named_with_another_lesson_between(projects, edit, stopped):
    another(projects, edit, "next-lesson", 900, "same")
    another(projects, edit, "between", 901, "between")
    another(projects, edit, "other-lesson", 902, "same")
    assert stopped(catalog.every) == "projects/next-lesson and projects/other-lesson both have a package same"


def test_the_default_image_has_the_name_of_the_lesson():
    project = catalog.find("flyte-basics")
    assert project.image_name("default") == "flyte-basics"
    assert project.image_name("gpu") == "flyte-basics-gpu"


def test_no_project_is_told_with_the_valid_names(stopped):
    line = stopped(catalog.find, "")
    assert line.startswith("PROJECT is missing: add PROJECT=<lesson>; the lessons are: ")
    assert "flyte-basics" in line


@pytest.mark.parametrize("name", ["flyte-basic", "flyte_basics", "flite-bascis", "flyte basics", "flyte-basics/"])
def test_a_misspelt_project_is_told_with_the_nearest_name(name, stopped):
    assert stopped(catalog.find, name).startswith(f"there is no lesson {name!r}; did you mean flyte-basics? the less")


@pytest.mark.parametrize("name", ["../projects/flyte-basics", "./flyte-basics", "/etc", "..", ".", "*", "zzz"])
def test_a_path_is_not_a_project(name, stopped):
    assert stopped(catalog.find, name).startswith(f"there is no lesson {name!r}; ")


def test_a_lesson_for_tests_is_found_and_in_no_list():
    """Its image is a base, which bake builds anyway."""
    found = catalog.find("differences")
    assert found.folder == RUNNER / "tests" / "differences"
    assert found.image_names == ["sklearn"]
    assert "differences" not in [project.name for project in catalog.every()]
    assert "differences" not in (ROOT / "docker-bake.json").read_text()
    assert "[differences]" not in (ROOT / "README.md").read_text()


def test_a_lesson_for_tests_is_named_by_its_own_path(tmp_path, monkeypatch, stopped):
    monkeypatch.setattr(catalog, "FIXTURES", {"differences": tmp_path / "differences"})
    line = stopped(lambda: catalog.find("differences"))
    assert line == "runner/tests/differences/lesson.toml cannot be read: No such file or directory"
