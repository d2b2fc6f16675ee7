"""Tests broken/README.md: for every mistake, who finds it, in which line and with which message."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flytekit.core.workflow import PythonFunctionWorkflow

LESSON = Path(__file__).parents[1]
BROKEN = LESSON / "broken"
# | [`mistake`](file.py) | `message` | local run |, below a heading that names who finds the mistake.
ROW = re.compile(
    r"^\| \[`(?P<name>\w+)`\]\((?P<file>[\w/]+\.py)\) \| `(?P<message>.*)` \|( (?P<local>fails|succeeds) \|)?$"
)
FINDING = re.compile(r"^broken/(?P<file>[\w/]+\.py):(?P<line>\d+): (?P<text>.*)$")


def rows(heading: str) -> list:
    """Returns the rows of the table below a heading of broken/README.md."""
    page = (BROKEN / "README.md").read_text(encoding="utf-8")
    section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = [row for line in section.splitlines() if (row := ROW.match(line))]
    assert len(found) == sum(line.startswith("| [") for line in section.splitlines())
    return [pytest.param(row, id=row["name"]) for row in found]


BY_TYPECHECK, BY_FLYTEKIT, BY_NOBODY = rows("Found by typecheck"), rows("Found by flytekit"), rows("Found by nobody")


@pytest.fixture(scope="module")
def findings() -> list:
    """The findings of typecheck for the whole folder."""
    command = [sys.executable, "-m", "runner", "typecheck", LESSON, "out", "{}", "broken"]
    answer = subprocess.run(command, cwd=LESSON, capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (1, "")
    *lines, summary = answer.stdout.splitlines()
    assert summary == f"type-system: 45 workflows and 1 launch plan checked, {len(lines)} findings"
    return [FINDING.match(line) for line in lines]


def of(findings: list, row: re.Match) -> list:
    """Returns the findings about the workflow of a row. If its file has no workflow, returns those about the file."""
    at_import = row["file"].startswith("at_import/")
    return [
        item
        for item in findings
        if item["file"] == row["file"] and (at_import or item["text"].startswith(f"{row['name']}: "))
    ]


def message(row: re.Match) -> str:
    """Returns the message of a row. In a Markdown table, a backslash precedes each bar of a message."""
    return row["message"].replace("\\|", "|")


def the_line_that_is_wrong(finding: re.Match) -> bool:
    return (BROKEN / finding["file"]).read_text().splitlines()[int(finding["line"]) - 1].endswith("  # wrong")


@pytest.mark.parametrize("row", BY_TYPECHECK)
def test_found_by_typecheck(row, findings):
    (finding,) = of(findings, row)
    assert finding["text"] == f"{row['name']}: {message(row)}"
    assert the_line_that_is_wrong(finding)


@pytest.mark.parametrize("row", BY_FLYTEKIT)
def test_found_by_flytekit(row, findings):
    (finding,) = of(findings, row)
    assert re.search(r"(flytekit refuses it|cannot be imported): ", finding["text"])
    assert message(row) in finding["text"]
    assert the_line_that_is_wrong(finding)


@pytest.mark.parametrize("row", BY_NOBODY)
def test_found_by_nobody(row, findings):
    assert of(findings, row) == []
    with pytest.raises(Exception, match=re.escape(message(row))):
        entity(row)()


def entity(row: re.Match) -> PythonFunctionWorkflow:
    return getattr(importlib.import_module(f"broken.{Path(row['file']).stem}"), row["name"])


@pytest.mark.parametrize("row", BY_TYPECHECK)
def test_local_run(row):
    """A local run of a mistake that typecheck finds succeeds or fails, as the page says."""
    if row["local"] == "succeeds":
        entity(row)()
    else:
        with pytest.raises(Exception, match=r"."):
            entity(row)()


def test_the_numbers_in_the_lesson():
    assert (len(BY_TYPECHECK), len(BY_FLYTEKIT), len(BY_NOBODY)) == (28, 16, 4)
    assert sum(row.values[0]["local"] == "succeeds" for row in BY_TYPECHECK) == 5


def test_the_page_has_every_mistake(findings):
    named = [row.values[0] for row in (*BY_TYPECHECK, *BY_FLYTEKIT)]
    assert sum(len(of(findings, row)) for row in named) == len(findings) == len(named)
