"""Exercise 1: the lightest species is a third output."""

from new_lesson import workflow

OUTPUTS = workflow.heaviest_species.python_interface.outputs


def test_begun():
    assert "lightest" in OUTPUTS, f"the workflow has no output lightest; its outputs are {', '.join(OUTPUTS)}"


def test_species(execute):
    found = execute("new_lesson.workflow:heaviest_species", {})["lightest"]
    assert found == "Adelie", f"lightest is {found}: which species has the smallest mean mass?"
