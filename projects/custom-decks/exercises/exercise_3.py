"""Exercise 3: a renderer that shows the error of another renderer, and the tasks that use it."""

from typing import Annotated, get_args

from custom_decks import renderers, workflow
from custom_decks.renderers import TableRenderer
from flytekit import task
from flytekit import workflow as flyte_workflow
from flytekit.deck.renderer import Renderable


class Broken:
    def to_html(self, value: int) -> str:
        raise {1: KeyError, 2: ZeroDivisionError}[value]("no <b>plot</b>")


def test_begun():
    assert hasattr(renderers, "SafeRenderer"), "custom_decks/renderers.py has no SafeRenderer"


def test_it_is_a_renderer():
    assert isinstance(renderers.SafeRenderer(Broken()), Renderable), "SafeRenderer has no to_html(value)"


def test_it_changes_nothing_without_an_error():
    values = {"a": 1}
    found = renderers.SafeRenderer(TableRenderer()).to_html(values)
    assert found == TableRenderer().to_html(values), "without an error the HTML must be that of the wrapped renderer"


def test_it_shows_the_error():
    for value, name in ((1, "KeyError"), (2, "ZeroDivisionError")):
        try:
            found = renderers.SafeRenderer(Broken()).to_html(value)
        except (KeyError, ZeroDivisionError) as error:
            raise AssertionError(f"a {name} in the wrapped renderer still fails the task") from error
        assert name in found, f"the HTML does not name the {name}: {found!r}"
        assert "plot" in found, f"the HTML does not contain the message of the error: {found!r}"
        assert "<b>plot" not in found, "the message of the error contains HTML, which must be escaped"


def test_train_uses_it():
    _, *found = get_args(workflow.train.python_interface.outputs["o0"])
    names = [type(renderer).__name__ for renderer in found]
    assert names == ["SafeRenderer"], f"the type of train's output has the renderer {', '.join(names)}"


@task(enable_deck=True, deck_fields=workflow.OUTPUT)
def one() -> Annotated[int, renderers.SafeRenderer(Broken())] if hasattr(renderers, "SafeRenderer") else int:
    return 1


@flyte_workflow
def run_one() -> int:
    return one()


def test_the_output_is_kept(recorded):
    record = recorded(run_one).record
    assert record.outputs == {"o0": 1}, (
        f"a task whose renderer raises an error must keep its output: {record.tasks[0].error}"
    )
