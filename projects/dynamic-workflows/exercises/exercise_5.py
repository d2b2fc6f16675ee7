"""Exercise 5: what an input is in the body of a workflow."""

import flytekit


def test_begun(answer):
    assert answer["grid"], "exercises/answers.toml has no grid for exercise_5"


def test_class(answer):
    seen = []

    @flytekit.workflow
    def body(grid: list[int]) -> None:
        seen.append(type(grid).__name__)

    body.compile()
    found = answer["grid"].strip()
    assert found != "list", "grid is a list where the body runs as a task; what is it in the body of a workflow?"
    assert found == seen[0], f"in the body of a workflow grid is no {found}: read the first sentence of the error"


def test_undone(findings):
    assert findings[-1].endswith("all types fit"), f"make search dynamic again; typecheck still reports: {findings[0]}"
