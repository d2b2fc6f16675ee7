"""Values that a graph hands on in parts, conditions on them, and values that no record may stumble over."""

import json
import math

import condition_cases
import ending_cases
import hard_cases
import pytest
import refused_cases
from running import HERE, IMAGES

from runner.errors import Failure, Stop
from runner.graph.bindings import NotThere
from runner.harness import walk
from runner.harness.attempts import TaskFailed
from runner.harness.launchers import ProcessLauncher


def test_parts_of_a_data_class_arrive_in_every_position(outputs):
    assert outputs(hard_cases.parts) == [
        "2 one ['x', 'y'] ['x', 'y'] {'ratio': 0.7} None",
        ["x", "y"],
        ["X", "Y"],
        [["x", "y"], ["x", "y"]],
        0.7,
        [["X", "Y"], ["X", "Y"]],
    ]


def test_a_part_that_is_not_there_is_named(execute):
    with pytest.raises(NotThere, match=r"^output o0 of node n0 has no part 7$"):
        execute(hard_cases.missing_part)


def test_a_part_that_an_output_lacks_is_a_failure_which_is_handled(execute, tmp_path):
    with pytest.raises(NotThere):
        execute(hard_cases.missing_part_of_an_output)
    assert (tmp_path / "run" / "fn0" / "attempt-0" / "outputs.pb").exists()


@pytest.mark.parametrize(("ratio", "taken"), [(0.7, "high"), (0.1, "low")])
def test_conditions_on_parts_of_a_data_class_compare_the_value_of_each(outputs, ratio, taken):
    assert outputs(condition_cases.on_a_part, ratio=ratio) == [taken]


def test_they_do_in_the_graph_that_a_fresh_process_draws_too(tmp_path):
    execution = walk.execute(condition_cases.drawn_conditional, {"ratio": 0.1}, tmp_path, ProcessLauncher(HERE), IMAGES)
    assert list(execution.outputs.values()) == ["low"]


@pytest.mark.parametrize(
    ("workflow", "inputs", "words"),
    [
        # As on a cluster: "Comparison between different primitives types", "Only primitives can be compared".
        (condition_cases.on_two_types, {}, r"compares float with int \(0.7 EQ 2\); both must be of the"),
        (condition_cases.on_the_order_of_truth_values, {}, "compares truth values by GT; they can only be equal"),
        (condition_cases.on_an_optional, {}, "and times; n0.o0 is a union, as every Optional is"),
        (condition_cases.on_a_list, {}, "compares numbers, texts, truth values and times; n0.o0.many is a list"),
        (refused_cases.uneven, {}, "lists of a map task must have the same number of elements: one has 1, other has 2"),
    ],
)
def test_what_a_cluster_refuses_to_compare_or_to_map_fails_here_in_one_line(execute, workflow, inputs, words):
    with pytest.raises(TaskFailed, match=words) as failure:
        execute(workflow, **inputs)
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("workflow", "taken"),
    [(condition_cases.on_fractions, "the same second"), (condition_cases.on_nan, "less")],
)
def test_a_condition_holds_where_a_cluster_says_so_although_python_would_not(outputs, workflow, taken):
    """Its comparator has whole seconds only, and takes what is neither greater nor equal for less."""
    assert outputs(workflow) == [taken]


def test_a_dictionary_with_keys_that_are_numbers_goes_from_task_to_task(outputs):
    longest, found = outputs(hard_cases.int_keys)
    assert longest == 3
    assert list(map(str, found.items())) == ["(1, nan)", "(3, nan)"]


def test_an_input_that_flytekit_does_not_convert_is_named(execute):
    words = "^input values: flytekit cannot convert its value: AssertionError: Cannot pickle None Value.$"
    with pytest.raises(Stop, match=words):
        execute(hard_cases.of_any_type, values={"rate": None})


def test_an_output_of_another_type_than_the_workflow_says_is_a_failure(execute):
    with pytest.raises(Failure, match=r"^output o0 of the workflow: gets list\[int\], wants list\[str\]$"):
        execute(hard_cases.of_another_type)


def test_infinity_is_a_value(outputs):
    assert outputs(hard_cases.not_finite) == [-math.inf, math.inf]


def test_a_value_whose_class_fails_at_its_repr_is_an_output(outputs):
    (made,) = outputs(hard_cases.without_words)
    assert type(made).__name__ == "BadlyMade"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("outputs.pb", "x", "it ended with exit status 0 and no result"),
        ("futures.pb", "zz", "it ended with exit status 0 and no result"),
        ("usage.json", '{"peak_mb": "much"}', "it ended with exit status 0 and no result"),
        ("error.pb", "\x01\x02", "its error is not written whole, as when the disk is full; free some"),
        ("error.pb", "", "its error is not written whole, as when the disk is full; free some"),
    ],
)
def test_what_a_task_wrote_in_the_place_of_its_result_is_its_failure(execute, name, content, words):
    with pytest.raises(TaskFailed, match=words):
        execute(ending_cases.broken_results, name=name, content=content)


def test_a_task_that_ends_by_sys_exit_has_failed(execute):
    with pytest.raises(TaskFailed, match=r"exit status 0 and no result, so no outputs \(a task ends by return, not by"):
        execute(ending_cases.leaving_by_sys_exit)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("first\nsecond", "ValueError: first"),
        (
            "1 error for Settings\ndepth\n  not a number [type=int]",
            "1 error for Settings depth not a number [type=int]",
        ),
        ("{\n  'DATA': 1\n}", "ValueError: { 'DATA': 1 }"),
        ("\nafter an empty line", "ValueError: after an empty line"),
        ("Message:\nthe word that flytekit puts there", "ValueError: Message: the word that flytekit"),
        ("", "ValueError:"),
    ],
)
def test_an_error_of_several_lines_is_told_by_what_says_what_is_wrong(execute, text, line):
    with pytest.raises(TaskFailed) as failure:
        execute(ending_cases.failing_in_lines, text=text)
    assert line in str(failure.value)
    assert "\n" not in str(failure.value)


def test_an_error_of_megabytes_is_bounded_and_whole_in_its_details(execute, tmp_path):
    with pytest.raises(TaskFailed) as failure:
        execute(ending_cases.failing_at_length)
    assert len(str(failure.value)) < 1000
    assert "\x1b" not in str(failure.value)
    assert failure.value.details.endswith("last line")
    kept = json.loads((tmp_path / "run" / "n0" / "attempt-0" / "attempt.json").read_text())
    assert len(kept["error"]) < 25_000
