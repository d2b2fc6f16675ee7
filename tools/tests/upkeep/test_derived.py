"""The README's table and docker-bake.json say what the lesson.toml files say."""

import json
import re

import pytest

from tools.lessons import catalog
from tools.upkeep import derived

COMMENT = "<!-- lessons: made by `make format` -->\n"
END = "<!-- end of lessons -->"


@pytest.fixture
def change(projects):
    """Changes a key of the first lesson, in the copy of projects/."""

    def change(key: str, value: str) -> None:
        file = projects / "flyte-basics" / "lesson.toml"
        text, count = re.subn(rf"^{key} = .*", lambda _: f"{key} = {value}", file.read_text(), flags=re.MULTILINE)
        assert count == 1
        file.write_text(text)

    return change


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A folder with a README and no docker-bake.json, which tools.upkeep.derived takes for the repository."""
    readme, bake = tmp_path / "README.md", tmp_path / "docker-bake.json"
    readme.write_text(f"# Title\n\n{COMMENT}{END}\n\nThe end.\n")
    monkeypatch.setattr(derived, "ROOT", tmp_path)
    monkeypatch.setattr(derived, "DERIVED", {readme: derived.readme, bake: derived.bake})
    return tmp_path


def test_nothing_in_this_checkout_is_stale():
    assert derived.stale() == [], "run: make format"


def test_a_copy_of_the_lessons_makes_nothing_stale(projects):
    assert derived.stale() == []


def test_a_changed_title_makes_the_images_stale(change):
    change("title", '"Another"')
    assert derived.stale() == [derived.BAKE]


@pytest.mark.parametrize(("key", "value"), [("teaches", '"another"'), ("minutes", "99"), ("section", '"Auditability"')])
def test_a_changed_row_makes_the_readme_stale(key, value, change):
    change(key, value)
    assert derived.stale() == [derived.README]


def test_a_new_image_is_in_docker_bake_json(projects):
    file = projects / "flyte-basics" / "lesson.toml"
    file.write_text(file.read_text() + '\n[images.gpu]\nstage = "cuda"\nsize_mb = 9000\n')
    images = json.loads(derived.bake(""))["variable"]["LESSON_IMAGES"]["default"]
    title = catalog.find("flyte-basics").lesson.title
    gpu = next(image for image in images if image["name"] == "flyte-basics-gpu")
    assert gpu == {**gpu, "lesson": "flyte-basics", "stage": "cuda", "base": "base", "title": title}


def test_the_table_has_a_row_for_each_lesson():
    rows = derived.readme(COMMENT + END).splitlines()[3:-1]
    names = [project.name for project in catalog.every()]
    assert [re.search(r"\[(.*?)\]\(projects/(.*?)\)", row).groups() for row in rows] == [(name, name) for name in names]


def test_a_bar_in_a_fact_stays_in_its_cell(change):
    change("teaches", '"the type int | None"')
    row = next(row for row in derived.readme(COMMENT + END).splitlines() if "None" in row)
    assert len(re.findall(r"(?<!\\)\|", row)) == 5


def test_writing_names_what_it_wrote(written, capsys):
    derived.write()
    assert capsys.readouterr().out == "README.md: written\ndocker-bake.json: written\n"
    assert derived.stale() == []


def test_writing_keeps_what_is_around_the_table(written):
    derived.write()
    text = (written / "README.md").read_text()
    assert text.startswith(f"# Title\n\n{COMMENT}| section |")
    assert text.endswith(f" |\n{END}\n\nThe end.\n")


def test_writing_twice_writes_once(written, capsys):
    derived.write()
    capsys.readouterr()
    derived.write()
    assert capsys.readouterr().out == ""


def test_a_write_that_fails_leaves_the_file_as_it_was(written, monkeypatch):
    before = (written / "README.md").read_text()
    # A character that UTF-8 cannot write.
    monkeypatch.setattr(derived, "DERIVED", {written / "README.md": lambda text: text + "x" + chr(0xD800)})
    with pytest.raises(UnicodeEncodeError):
        derived.write()
    assert (written / "README.md").read_text() == before
    assert [file.name for file in written.iterdir()] == ["README.md"]


@pytest.mark.parametrize("text", ["", "# A README\n", COMMENT, END + COMMENT])
def test_a_readme_that_lost_its_comments_is_an_error(text, written, stopped):
    (written / "README.md").write_text(text)
    line = "README.md has lost the comments between which its table of lessons stands"
    assert stopped(derived.stale) == line
    assert stopped(derived.write) == line
    assert (written / "README.md").read_text() == text
