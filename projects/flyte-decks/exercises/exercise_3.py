"""Exercise 3: a tab with a text from outside, which the page shows as it was written."""

import html
import re

import pytest
from flyte_decks import workflow
from flytekit import workflow as flyte_workflow

INPUTS = workflow.report_penguins.python_interface.inputs_with_defaults
NOTE = "for the audit: check *twice* <script>document.title = 'changed'</script>"


@pytest.fixture
def deck(recorded):
    @flyte_workflow
    def only_the_training(note: str) -> float:
        survey = workflow.keep_measured(survey=workflow.get_survey())
        return workflow.train(data=survey, rounds=1, ending=workflow.Ending.done, pause=0.0, note=note)

    run = recorded(only_the_training, note=NOTE)
    task = run.record.tasks[-1]
    assert task.status == "succeeded", f"{task.name} fails: {task.error}"
    return (run.folder / task.deck).read_text(encoding="utf-8")


def test_begun():
    assert "note" in INPUTS, "the workflow has no input note"


@pytest.mark.parametrize("entity", [workflow.report_penguins, workflow.train], ids=["workflow", "task"])
def test_default(entity):
    inputs, name = entity.python_interface.inputs_with_defaults, entity.name.rpartition(".")[2]
    assert "note" in inputs, f"{name} has no input note: pass it on from the workflow"
    kind, default = inputs["note"]
    assert (kind, default) == (str, ""), (
        f"note of {name} must be a str with the default '', not {kind} with {default!r}"
    )


def test_tab(deck):
    found = re.findall(r'handleLinkClick\(this\)">(.*?)</li>', deck)
    assert "Note" in found, f"the deck of train has the tabs {', '.join(found)}, but no tab Note"
    assert "for the audit" in deck, "the tab Note does not contain the note"


def test_escaped(deck):
    assert "<script>document" not in deck, "a note with a <script> runs in the reader's browser: escape it"
    assert "document.title" in html.unescape(deck), "the note must be shown whole, its <script> as text"
    assert "*twice*" in html.unescape(deck), "the tab does not show *twice* as it was written: Markdown changes a text"
    assert "&amp;lt;" not in deck, "the note is escaped twice: a reader sees &lt;script&gt;"
