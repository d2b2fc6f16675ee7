"""Exercise 3: the input that a wrong connection feeds, as typecheck names it."""


def test_begun(answer):
    assert answer["node"] and answer["input"], "exercises/answers.toml has no node and input for exercise_3"


def test_node(answer):
    node = answer["node"].split()[0]
    assert node != "n0", "n0 is get_data, which has no inputs"
    assert node in ("n1", "split_data"), f"{node} takes no test_size: which call of the workflow does?"


def test_input(answer):
    assert answer["input"] == "test_size", f"you connected data to test_size; {answer['input']!r} is another input"


def test_undone(findings):
    assert findings[-1].endswith("all types fit"), f"undo the wrong connection; typecheck still reports: {findings[0]}"
