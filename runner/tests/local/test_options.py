"""Every type that an input may have: by option, by file, from lesson.toml, by default, and what does not fit."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union

import pandas as pd
import pytest
import yaml
from flytekit import StructuredDataset, Workflow, task, workflow
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile

from runner.errors import Done, Stop
from runner.lesson import Lesson
from runner.local.options import inputs_of

TARGET = "make run PROJECT=x"
HINT = f". For the inputs: {TARGET} ARGS=--help"


class Scale(Enum):
    RANGE = "range"
    UNIT = "unit variance"


@dataclass
class Step:
    rate: float = 0.1
    name: str = "step"


@dataclass
class Plan:
    steps: list[Step]
    scale: Scale = Scale.RANGE
    until: date | None = None
    sizes: dict[str, int] = field(default_factory=dict)


def workflow_of(kind: Any, *default: Any) -> Any:
    """A workflow with one input, called value."""

    def wf(value):
        """Takes a value."""

    wf.__annotations__, wf.__defaults__ = {"value": kind}, default or None
    return workflow(wf)


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    return Lesson("x", tmp_path, "X", "m.w:wf", {}, False, ("default",), ())


def with_inputs(lesson: Lesson, **inputs: Any) -> Lesson:
    return Lesson(lesson.name, lesson.folder, lesson.title, lesson.entry_point, inputs, False, lesson.images, ())


def refused(entity: Any, lesson: Lesson, *arguments: str) -> str:
    with pytest.raises(Stop) as stop:
        inputs_of(entity, lesson, arguments, TARGET)
    line = str(stop.value)
    assert "\n" not in line
    assert len(line) < 500
    assert line.endswith(HINT)
    return line.removesuffix(HINT)


# An input's type, how it is written on a command line, in a YAML file, and what it is.
VALUES = [
    (int, "5", 5, 5),
    (int, "-9223372036854775808", -(2**63), -(2**63)),
    (float, "0.5", 0.5, 0.5),
    (float, "5", 5, 5.0),
    (float, "inf", float("inf"), float("inf")),
    (str, "five", "five", "five"),
    (str, "", "", ""),
    (str, "5", "5", "5"),
    (str, "null", "null", "null"),
    (str, "ä\tö", "ä\tö", "ä\tö"),
    (date, "2024-12-31", date(2024, 12, 31), date(2024, 12, 31)),
    (date, "2024-12-31", "2024-12-31", date(2024, 12, 31)),
    (datetime, "2024-12-31T23:59:59", datetime(2024, 12, 31, 23, 59, 59), datetime(2024, 12, 31, 23, 59, 59)),
    (datetime, "2024-12-31 23:59:59.5", "2024-12-31 23:59:59.5", datetime(2024, 12, 31, 23, 59, 59, 500_000)),
    (datetime, "2024-12-31T23:59+00:00", "2024-12-31T23:59+00:00", datetime(2024, 12, 31, 23, 59, tzinfo=UTC)),
    (datetime, "2024-12-31", date(2024, 12, 31), datetime(2024, 12, 31)),
    (timedelta, "1:30:00", "1:30:00", timedelta(minutes=90)),
    (timedelta, "2 days", 172_800, timedelta(days=2)),
    (Scale, "unit variance", "unit variance", Scale.UNIT),
    (Literal["a", "b"], "b", "b", "b"),
    (Literal[1, 2], "2", 2, 2),
    (Optional[int], "5", 5, 5),
    (Optional[int], "null", None, None),
    (Optional[str], "None", "None", "None"),
    (Optional[bool], "false", False, False),
    (float | None, "5", 5, 5.0),
    (Union[int, str], "5", 5, 5),
    (Union[int, str], "five", "five", "five"),
    (Union[str, int], "5", 5, 5),
    (Union[float, int], "5", 5, 5),
    (Union[float, int], "5.5", 5.5, 5.5),
    (Union[bool, int], "1", 1, 1),
    (Union[bool, int], "true", True, True),
    (Union[list[int], str], "[1]", [1], [1]),
    (Optional[Scale], "range", "range", Scale.RANGE),
    (Optional[list[int]], "[]", [], []),
    (list[int], "[1, 2]", [1, 2], [1, 2]),
    (list[float], "[1, 0.5]", [1, 0.5], [1.0, 0.5]),
    (list[str], '["1"]', ["1"], ["1"]),
    (list[bool], "[false]", [False], [False]),
    (list[date], '["2024-12-31"]', [date(2024, 12, 31)], [date(2024, 12, 31)]),
    (list[list[int]], "[[1], []]", [[1], []], [[1], []]),
    (list[Optional[int]], "[1, null]", [1, None], [1, None]),
    (list[Step], '[{"rate": 1}, {}]', [{"rate": 1}, {}], [Step(1.0), Step()]),
    (dict[str, int], '{"a": 1}', {"a": 1}, {"a": 1}),
    (dict[int, str], '{"1": "a"}', {1: "a"}, {1: "a"}),
    (dict[str, list[Step]], '{"a": [{}]}', {"a": [{}]}, {"a": [Step()]}),
    (dict, '{"a": [1, "b"]}', {"a": [1, "b"]}, {"a": [1, "b"]}),
    (Step, '{"rate": 2, "name": "b"}', {"rate": 2, "name": "b"}, Step(2.0, "b")),
    (Annotated[int, "a number"], "5", 5, 5),
    (
        Plan,
        '{"steps": [{}], "scale": "unit variance", "until": "2024-12-31", "sizes": {"a": 1}}',
        {"steps": [{}], "scale": "unit variance", "until": date(2024, 12, 31), "sizes": {"a": 1}},
        Plan([Step()], Scale.UNIT, date(2024, 12, 31), {"a": 1}),
    ),
]


def same(one: Any, other: Any) -> bool:
    """Equal, and of the same type, which 1, 1.0 and True are not."""
    return one == other and type(one) is type(other) and repr(one) == repr(other)


@pytest.mark.parametrize(("kind", "text", "data", "value"), VALUES)
def test_a_value(kind, text, data, value, lesson, tmp_path):
    entity, file = workflow_of(kind), tmp_path / "inputs.yaml"
    file.write_text(yaml.safe_dump({"value": data}))
    assert same(inputs_of(entity, lesson, ["--value", text], TARGET)["value"], value)
    assert same(inputs_of(entity, lesson, ["--inputs-file", str(file)], TARGET)["value"], value)
    assert same(inputs_of(entity, with_inputs(lesson, value=data), [], TARGET)["value"], value)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, _, _, value in VALUES if value is not None])
def test_a_default(kind, value, lesson):
    assert same(inputs_of(workflow_of(kind, value), lesson, [], TARGET)["value"], value)


@pytest.mark.parametrize("kind", {str(kind): kind for kind, *_ in VALUES}.values(), ids=str)
def test_an_input_that_is_not_given(kind, lesson):
    if type(None) in getattr(kind, "__args__", ()):
        assert inputs_of(workflow_of(kind), lesson, [], TARGET) == {"value": None}
    else:
        assert refused(workflow_of(kind), lesson) == "Missing option '--value'"


UNFIT = [
    (int, "five", "five", "'five' is not a valid integer"),
    (int, "1.0", 1.5, "is not a valid integer"),
    (int, "9223372036854775808", 2**63, "is not a"),
    (int, "9" * 5000, True, "is not a valid integer"),
    (float, "much", "much", "'much' is not a valid float"),
    (str, "\udcff", 5, "is not"),
    (date, "2024-13-01", "31.12.2024", "is not a valid date, as in 2024-12-31"),
    (date, "2024-12-31T01:00", datetime(2024, 12, 31, 1), "is not a valid date"),
    (datetime, "noon", 5, "is not a valid date and time"),
    (timedelta, "long", float("1e18"), "is not"),
    (timedelta, "999999999 days", "", "is not a valid duration"),
    (Scale, "RANGE", "log", "is not one of range, unit variance"),
    (Literal["a", "b"], "c", 1, "is not one of a, b"),
    (Optional[int], "five", "five", "is not a valid integer or null"),
    (Union[int, bool], "five", 0.5, "is not a valid integer or boolean"),
    (list[float], "1", 1, "1 is not a valid JSON list of float"),
    (list[float], "[1,", "[1]", "is not a valid JSON list of float"),
    (list[float], '[1, "a"]', [1, "a"], "item 1: 'a' is not a valid float"),
    (list[int], "[" * 100_000, {}, "is not a valid JSON list of integer"),
    (dict[str, int], "[]", {"a": "b"}, "is not a valid"),
    (dict[int, str], '{"a": "b"}', {"a": "b"}, "'a' is not a valid integer"),
    (Step, '{"rat": 1}', {"rat": 1}, "Step has no field 'rat'; it has rate, name"),
    (Step, '{"rate": "a"}', {"rate": "a"}, "rate: 'a' is not a valid float"),
    (Plan, "{}", {}, "Plan needs a value of steps"),
    (list[Step], '[{"rate": null}]', [{"rate": None}], "item 0: rate: None is not a valid float"),
    (FlyteFile, "/nowhere", "/nowhere", "'/nowhere' is not the name of a file"),
    (FlyteFile, "/", 5, "is not the name of a file"),
    (FlyteDirectory, "/nowhere", ["/"], "is not the name of a folder"),
    (pd.DataFrame, "/nowhere", [[1]], "is not the name of a data frame"),
    (bytes, "abc", "abc", "is not a valid bytes"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "text", "data", "words"), UNFIT)
def test_a_value_that_does_not_fit(kind, text, data, words, lesson):
    entity = workflow_of(kind)
    line = refused(entity, lesson, "--value", text)
    assert words in line
    line = refused(entity, with_inputs(lesson, value=data))
    assert line.startswith("projects/x/lesson.toml [inputs]: value: ")
    assert words in line


@pytest.mark.parametrize("default", [(), (False,), (True,)])
@pytest.mark.parametrize(
    ("words", "value"), [(["--value"], True), (["--no_value"], False), (["--no-value"], False), ([], None)]
)
def test_a_boolean_is_a_flag(default, words, value, lesson):
    entity = workflow_of(bool, *default)
    if value is None and not default:
        assert refused(entity, lesson) == "Missing option '--value' / '--no_value'"
    else:
        assert inputs_of(entity, lesson, words, TARGET) == {"value": default[0] if value is None else value}


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("default", [(), (False,), (True,)])
@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_a_boolean_of_a_file(value, default, ending, lesson, tmp_path):
    entity, file = workflow_of(bool, *default), tmp_path / f"inputs.{ending}"
    file.write_text(json.dumps({"value": value}))
    assert inputs_of(entity, lesson, [f"--inputs-file={file}"], TARGET) == {"value": value}
    assert inputs_of(entity, with_inputs(lesson, value=value), [], TARGET) == {"value": value}


def test_options_count_before_a_file_and_a_file_before_lesson_toml(lesson, tmp_path):
    @workflow
    def wf(a: int, b: int, c: int, d: int = 4):
        pass

    file = tmp_path / "inputs.yaml"
    file.write_text("a: 2\nb: 2\n")
    words = ["--inputs-file", str(file), "--a", "3"]
    assert inputs_of(wf, with_inputs(lesson, a=1, b=1, c=1), words, TARGET) == {"a": 3, "b": 2, "c": 1, "d": 4}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"value: [", "is neither JSON nor YAML"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"- 5", "holds no inputs by name, as in 'name: value'"),
        (b"", "holds no inputs by name"),
        (b"valeu: 5", "no such input: 'valeu'; the inputs are value"),
        (b"value: five", "value: 'five' is not a valid integer"),
        (b"value: &a [*a]", "is not a valid integer"),
    ],
)
def test_a_file_of_inputs_that_is_wrong(content, words, lesson, tmp_path):
    file = tmp_path / "inputs.yaml"
    file.write_bytes(content)
    line = refused(workflow_of(int), lesson, "--inputs-file", str(file))
    assert str(file) in line
    assert words in line


def test_a_file_of_inputs_that_is_missing_or_a_folder(lesson, tmp_path):
    assert "No such file" in refused(workflow_of(int), lesson, "--inputs-file", str(tmp_path / "gone.yaml"))
    assert "Is a directory" in refused(workflow_of(int), lesson, "--inputs-file", str(tmp_path))


def test_a_value_in_a_json_file(lesson, tmp_path):
    (tmp_path / "steps.json").write_text("[{}]")
    assert inputs_of(workflow_of(list[Step]), lesson, ["--value", str(tmp_path / "steps.json")], TARGET) == {
        "value": [Step()]
    }


def test_an_unknown_name_in_lesson_toml(lesson):
    line = refused(workflow_of(int), with_inputs(lesson, valeu=5))
    assert line == "projects/x/lesson.toml [inputs]: no such input: 'valeu'; the inputs are value"


@pytest.mark.parametrize("words", [["--valeu", "5"], ["stray"], ["--value"], ["--"], ["-v", "5"]])
def test_words_that_are_no_options(words, lesson):
    assert refused(workflow_of(int), lesson, *words)


def test_files_folders_and_data_frames(lesson, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("words.txt").write_text("a b")
    pd.DataFrame({"a": [1, 2]}).to_csv("table.csv", index=False)
    pd.DataFrame({"a": [1, 2]}).to_parquet("table.parquet")

    @task
    def measured(file: FlyteFile, files: list[FlyteFile], folder: FlyteDirectory) -> tuple[int, int, int]:
        return len(Path(file).read_text()), len(files), len(list(Path(folder).iterdir()))

    @task
    def rows(one: pd.DataFrame, other: pd.DataFrame, third: StructuredDataset) -> int:
        return len(one) + len(other) + len(third.open(pd.DataFrame).all())

    @workflow
    def wf(
        file: FlyteFile,
        files: list[FlyteFile],
        folder: FlyteDirectory,
        one: pd.DataFrame,
        other: pd.DataFrame,
        third: StructuredDataset,
    ) -> tuple[int, int, int, int]:
        size, count, entries = measured(file=file, files=files, folder=folder)
        return size, count, entries, rows(one=one, other=other, third=third)

    words = ["--file", "words.txt", "--files", '["words.txt"]', "--folder", "."]
    words += ["--one", "table.csv", "--other", "table.parquet", "--third", "table.csv"]
    found = inputs_of(wf, lesson, words, TARGET)
    assert Path(found["file"].path).is_absolute()
    monkeypatch.chdir("/")
    assert wf(**found) == (3, 1, 3, 6)


def test_an_address_is_taken_as_it_is(lesson):
    found = inputs_of(workflow_of(FlyteFile), lesson, ["--value", "s3://bucket/file"], TARGET)
    assert found["value"].path == "s3://bucket/file"


@pytest.mark.parametrize("name", ["X", "n_Jobs", "größe", "help", "file", "inputs_file", "self"])
def test_a_name_of_an_input_is_free(name, lesson):
    entity = Workflow(name="free")
    entity.add_workflow_input(name, int)
    assert inputs_of(entity, lesson, [f"--{name}", "5"], TARGET) == {name: 5}


def test_names_that_differ_by_their_case_only(lesson):
    @workflow
    def wf(x: int, X: int, no_flag: int = 3, flag: bool = False):
        pass

    words = ["--x", "1", "--X", "2", "--no_flag", "4", "--flag"]
    assert inputs_of(wf, lesson, words, TARGET) == {"x": 1, "X": 2, "no_flag": 4, "flag": True}


def test_help_lists_the_inputs(lesson, capsys):
    @workflow
    def wf(number: int, plan: Plan, scale: Scale = Scale.RANGE, flag: bool = True, span: timedelta = timedelta(1)):
        """Does something.

        Args:
            number: how many.
        """

    with pytest.raises(Done):
        inputs_of(wf, lesson, ["--help"], TARGET)
    told = " ".join(capsys.readouterr().out.split())
    for words in (
        "Does something",
        "how many",
        "--number",
        "[required]",
        "--no_flag",
        "--inputs-file",
        "datetime.timedelta",
    ):
        assert words in told
