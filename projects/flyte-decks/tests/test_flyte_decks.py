"""Tests the figures of the lesson and of its README, and the content of the decks."""

import base64
import io
import json
import re
from html import unescape
from pathlib import Path

import flytekit
import PIL.Image
import pytest
from flyte_decks import workflow
from flyte_decks.profiling import profile
from flytekit import Deck, current_context, task

from runner.graph.compiled import compiled
from runner.records import offline

PROJECT = Path(__file__).parents[1]
IMAGES = {"default": "registry.example/decks:1", "profile": "registry.example/profile:1"}
# A pin in a lock that applies to Python 3.11, the Python of the environments.
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+) (?!; python_full_version >=)", re.MULTILINE)
FAILED_IN_ROUND_3 = ["Round 1: accuracy 0.9766", "Round 2: accuracy 0.9883"]


def tabs(page: str) -> list[str]:
    return re.findall(r'handleLinkClick\(this\)">(.*?)</li>', page)


def words(html: str) -> list[str]:
    """Returns the lines that a reader of the page sees."""
    cells = re.sub(r"</(td|th|tr|p|h\d)>", "\n", html)
    lines = unescape(re.sub(r"</?[a-z!][^>]*>", "", cells)).splitlines()
    return [line.strip() for line in lines if line.strip()]


@pytest.fixture
def decks(request, tmp_path):
    """Returns the decks of the test's run, by task. A task without a deck has an empty text."""

    def decks() -> dict[str, str]:
        out = request.config.getoption("out") or tmp_path
        folder = max((out / "flyte-decks").glob("*/record.json")).parent
        found = {}
        for facts in json.loads((folder / "record.json").read_text())["tasks"]:
            name = facts["name"].split()[0]
            found[name] = (folder / facts["deck"]).read_text(encoding="utf-8") if facts["deck"] else ""
        return found

    return decks


def test_case(case, check, decks):
    check(case)
    pages = decks()
    rounds = [line for line in words(pages["train"]) if line.startswith("Round")]
    if case.inputs.get("ending"):
        assert rounds == FAILED_IN_ROUND_3
        return
    assert rounds[:2] == FAILED_IN_ROUND_3
    assert rounds[4:] == ["Round 5: accuracy 0.9883"]
    # The exercises add decks and tabs.
    wanted = {
        "keep_measured": ["Timeline", "Source Code", "Input", "Output"],
        "draw": ["Timeline", "Table", "Box plot", "Image"],
        "profile": ["Profile"],
        "train": ["Progress"],
    }
    assert {name: [tab for tab in tabs(pages[name]) if tab in wanted[name]] for name in wanted} == wanted
    assert [name for name, page in pages.items() if page and offline.POLICY not in page] == []
    check_what_flyte_reports(pages["keep_measured"])
    check_drawing(pages["draw"])
    observations = re.search(r"Number of observations<td.*?>(\d+)", pages["profile"])
    assert observations
    assert observations[1] == "342"


def check_what_flyte_reports(page: str) -> None:
    timeline, source, taken, given = page.partition('id="flyte-frame-container">')[2].split("<div>")[1:]
    assert "drop what was not measured" in words(timeline)
    assert "def keep_measured(survey: Table) -> Table:" in words(source)
    # The penguin in row 3 has no measurements.
    rows = [re.findall(r"<th>([\d.]+)</th>", table) for table in (taken, given)]
    assert rows == [
        ["0", "1", "2", "3", "...", "340", "341", "342", "343"],
        ["0", "1", "2", "4", "...", "340", "341", "342", "343"],
    ]


def check_drawing(page: str) -> None:
    timeline, _, rest = page.partition('id="flyte-frame-container">')[2].partition("<style>")
    assert {"TableRenderer", "ImageRenderer"} <= set(re.findall(r"<td>(\w+)</td>", timeline))
    table = words(rest.partition("</table>")[0].partition("</style>")[2])
    assert table[:2] == ["species", "mean mass, g"]
    assert table[-2:] == ["Gentoo", "5076.016260"]
    assert '"type":"box"' in rest
    (image,) = re.findall(r'src="data:image/png;base64,([^"]+)" alt="Rendered Image"', rest)
    assert PIL.Image.open(io.BytesIO(base64.b64decode(image))).size == (700, 400)
    # The interactive plot contains its library. The image has more boxes, and a hundredth of the size.
    assert 4_000_000 < len(page) < 6_000_000
    assert len(image) < 40_000


def test_each_task_asks_for_its_image_and_the_profile_tells_nobody():
    tasks = compiled(workflow.report_penguins, IMAGES).tasks
    containers = {name.rpartition(".")[2]: template.container for name, template in tasks.items()}
    assert {name for name, container in containers.items() if container.image == IMAGES["profile"]} == {"profile"}
    environment = {entry.key: entry.value for entry in containers["profile"].env}
    assert environment["YDATA_PROFILING_NO_ANALYTICS"]


def test_flyte_knows_before_the_run_which_tasks_will_have_a_deck():
    tasks = {**compiled(workflow.report_penguins, IMAGES).tasks, **compiled(with_all_tabs, IMAGES).tasks}
    decks = {name.rpartition(".")[2] for name, template in tasks.items() if template.metadata.generates_deck.value}
    assert decks >= {"keep_measured", "draw", "profile", "train", "all_tabs"}
    assert "by_default" not in decks


def test_the_profile_needs_older_packages_than_everything_else():
    newer, older = (dict(PIN.findall((PROJECT / f"requirements{which}.txt").read_text())) for which in ("", "-profile"))
    assert (newer["pandas"], older["pandas"]) == ("3.1.1", "2.3.3")
    assert (newer["numpy"].rpartition(".")[0], older["numpy"]) == ("2.4", "2.3.5")
    assert "ydata-profiling" in older.keys() - newer.keys()
    assert len(older) > len(newer)


def test_in_the_environment_of_the_other_tasks_the_profile_fails():
    with pytest.raises(ImportError, match="ydata_profiling"):
        profile(data=workflow.get_survey())


def test_no_rounds_are_refused():
    with pytest.raises(ValueError, match="rounds is 0; training takes at least one"):
        workflow.train(data=workflow.get_survey(), rounds=0, ending=workflow.Ending.done, pause=0.0)


@task
def by_default() -> int:
    return 1


@task(enable_deck=True)
def all_tabs(number: int) -> int:
    return number


@task(enable_deck=True, deck_fields=())
def same_names(fails: bool) -> int:
    for text in ("first", "second"):
        Deck("Twice", text)
        current_context().default_deck.append(text)
    if fails:
        raise RuntimeError("on purpose")
    return 1


@flytekit.workflow
def with_all_tabs() -> int:
    return all_tabs(number=by_default())


@flytekit.workflow
def with_same_names(fails: bool) -> int:
    return same_names(fails=fails)


def page_of(run) -> str:
    (page,) = (task.deck for task in run.record.tasks if task.deck)
    return (run.folder / page).read_text()


def test_without_pip_the_dependencies_are_not_known(recorded):
    run = recorded(with_all_tabs)
    page = page_of(run)
    assert tabs(page) == ["Timeline", "Source Code", "Dependencies", "Input", "Output"]
    assert "Error occurred while fetching installed packages." in page
    assert "No module named pip" in (run.nodes / "n1" / "attempt-0" / "log.txt").read_text()


def test_of_tabs_with_the_same_name_the_last_is_shown(recorded):
    page = page_of(recorded(with_same_names, fails=False))
    assert tabs(page) == ["Twice", "default"]
    assert (page.count("second"), page.count("first")) == (2, 0)


def test_a_task_that_fails_keeps_the_tabs_that_it_had_made(recorded):
    page = page_of(recorded(with_same_names, fails=True))
    assert "second" in page
