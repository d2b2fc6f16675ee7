"""The pages of the site: links, folded hints and solutions, the order of the lessons. `make site` itself runs in CI."""

import json
import re
import shutil

import pytest

from tools.core.paths import ROOT
from tools.lessons import catalog
from tools.lessons.exercises import exercises
from tools.site import build, pages

SOURCE = "https://host.example/team/lessons"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The source of the site."""
    folder = tmp_path_factory.mktemp("source")
    pages.write_pages(folder, SOURCE)
    return folder


def test_every_lesson_has_a_page_with_its_code_and_a_run(folder):
    for project in catalog.every():
        text = (folder / "projects" / project.name / "README.md").read_text()
        assert f'src="../../{project.name}/index.html"' in text
        for file in re.findall(r"^```{literalinclude} (.+)$", text, re.MULTILINE):
            assert (folder / "projects" / project.name / file).read_bytes() == (project.folder / file).read_bytes()
        assert f"### {project.entry_file.relative_to(project.folder)}" in text


def test_hints_and_solutions_are_folded_in_the_item_of_their_exercise(folder):
    for project in catalog.every():
        text = (folder / "projects" / project.name / "README.md").read_text()
        every = exercises(project)
        assert text.count("   <details><summary>Hint</summary>") == len(every)
        assert text.count("   <details><summary>Solution</summary>") == len(every)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("README.md", "[a](projects/sql)", "[a](projects/sql/README.md)"),
        ("README.md", "[a](docs/cluster.md#b)", "[a](docs/cluster.md#b)"),
        ("projects/sql/README.md", "[a](sql_lesson/workflow.py)", "[a](sql_lesson/workflow.py)"),
        ("projects/sql/README.md", "[a](../../docs/cluster.md)", "[a](../../docs/cluster.md)"),
        ("docs/cluster.md", "[a](../tools/__main__.py#L3)", f"[a]({SOURCE}/blob/main/tools/__main__.py#L3)"),
        ("docs/cluster.md", "[a](../sandbox)", f"[a]({SOURCE}/tree/main/sandbox)"),
        ("docs/cluster.md", "[a](https://other.example/b)", "[a](https://other.example/b)"),
        ("docs/cluster.md", "[a](#here)", "[a](#here)"),
    ],
)
def test_a_link_leads_to_the_site_or_to_the_repository(name, text, expected):
    known = ["README.md", "docs/cluster.md", "projects/sql/README.md"]
    assert pages.with_links(text, name, known, SOURCE) == expected


def test_without_a_repository_on_the_network_links_lead_to_this_one():
    linked = pages.with_links("[a](Makefile)", "README.md", ["README.md"], "")
    assert linked == f"[a]({(ROOT / 'Makefile').as_uri()})"


def test_the_lessons_follow_each_other_in_teaching_order(folder):
    order = re.findall(r"<projects/(.+)/README.md>", (folder / "README.md").read_text())
    assert order == [project.name for project in catalog.every()]


def test_the_run_that_is_shown_succeeded_and_has_no_inputs_if_possible(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "OUT", tmp_path)
    project = catalog.find("sql")
    runs = {"1": ("succeeded", ""), "2": ("succeeded", " ARGS='--year 2008'"), "3": ("failed", "")}
    for name, (status, words) in runs.items():
        (tmp_path / "sql" / name).mkdir(parents=True)
        command, entry_point = f"make run PROJECT=sql{words}", project.lesson.entry_point
        record = {"status": status, "command": command, "entry_point": entry_point}
        (tmp_path / "sql" / name / "record.json").write_text(json.dumps(record))
    for name, text in (("4", '{"status": "succ'), ("5", "[]"), ("6", "{}")):
        (tmp_path / "sql" / name).mkdir()
        (tmp_path / "sql" / name / "record.json").write_text(text)
    assert build.succeeded(project) == tmp_path / "sql" / "1"
    shutil.rmtree(tmp_path / "sql" / "1")
    assert build.succeeded(project) == tmp_path / "sql" / "2"
    shutil.rmtree(tmp_path / "sql" / "2")
    assert build.succeeded(project) is None
