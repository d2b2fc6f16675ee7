"""Exercise 2: what the first line of an attempt is for."""

CASE = "an attempt dies before it has trained anything"


def test_begun(answer):
    assert answer["case"] and answer["trained_by"], "exercises/answers.toml has no case and trained_by for exercise_2"


def test_case(answer, lesson):
    found, names = answer["case"], [case.name for case in lesson.cases]
    assert found in names, f"lesson.toml has no case {found!r}; its cases are: {', '.join(names)}"
    assert found == CASE, f"the case {found!r} passes: in it, every attempt saves a checkpoint before it dies"


def test_trained_by(answer):
    found = answer["trained_by"]
    assert found != [0, 0, 0, 2, 2, 2, 2, 2, 2, 2], "that is what the case expects; what does it get without the line?"
    assert found == [2] * 10, f"without the line the case does not get {found}: make test prints what it gets"


def test_undone(lesson, execute):
    (case,) = [case for case in lesson.cases if case.name == CASE]
    found = execute(case.entry_point, case.inputs)["trained_by"]
    assert found == case.outputs["trained_by"], f"undo the change: the case still gets {found}"
