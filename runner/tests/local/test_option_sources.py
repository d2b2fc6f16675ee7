"""Where inputs come from: flags, files, lesson.toml; their names, and their --help."""

import json
import math
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from flytekit import StructuredDataset, Workflow, task, workflow
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile
from option_cases import LESSON, TARGET, Plan, Scale, Step, refused, with_inputs, workflow_of

from runner.errors import Done
from runner.local.options import inputs_of


@pytest.mark.parametrize("default", [(), (False,), (True,)])
@pytest.mark.parametrize(
    ("words", "value"), [(["--value"], True), (["--no_value"], False), (["--no-value"], False), ([], None)]
)
def test_a_boolean_is_a_flag(default, words, value):
    entity = workflow_of(bool, *default)
    if value is None and not default:
        assert refused(entity) == "Missing option '--value'"
    else:
        assert inputs_of(entity, LESSON, words, TARGET) == {"value": default[0] if value is None else value}


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("default", [(), (False,), (True,)])
@pytest.mark.parametrize("ending", ["yaml", "json"])
def test_a_boolean_of_a_file(value, default, ending, tmp_path):
    entity, file = workflow_of(bool, *default), tmp_path / f"inputs.{ending}"
    file.write_text(json.dumps({"value": value}))
    assert inputs_of(entity, LESSON, [f"--inputs-file={file}"], TARGET) == {"value": value}
    assert inputs_of(entity, with_inputs(value=value), [], TARGET) == {"value": value}


def test_options_count_before_a_file_and_a_file_before_lesson_toml(tmp_path):
    @workflow
    def wf(a: int, b: int, c: int, d: int = 4):
        pass

    file = tmp_path / "inputs.yaml"
    file.write_text("a: 2\nb: 2\n")
    words = ["--inputs-file", str(file), "--a", "3"]
    assert inputs_of(wf, with_inputs(a=1, b=1, c=1), words, TARGET) == {"a": 3, "b": 2, "c": 1, "d": 4}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"value: [", "is neither JSON nor YAML"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"- 5", "holds no inputs by name, as in 'name: value'"),
        (b"", "holds no inputs by name"),
        (b"values: 5", "no such input: 'values'; the inputs are value"),
        (b"value: five", "value: 'five' is not a valid integer"),
        (b"value: &a [*a]", "is not a valid integer"),
    ],
)
def test_a_file_of_inputs_that_is_wrong(content, words, tmp_path):
    file = tmp_path / "inputs.yaml"
    file.write_bytes(content)
    line = refused(workflow_of(int), "--inputs-file", str(file))
    assert str(file) in line
    assert words in line


def test_a_file_of_inputs_that_is_missing_or_a_folder(tmp_path):
    assert "No such file" in refused(workflow_of(int), "--inputs-file", str(tmp_path / "gone.yaml"))
    assert "Is a directory" in refused(workflow_of(int), "--inputs-file", str(tmp_path))


@pytest.mark.parametrize(
    ("ending", "content", "value"),
    [
        ("yaml", "value: {rate: 1e-3, name: '1e-3'}", Step(0.001, "1e-3")),
        ("yaml", "value: {rate: -2E+3, name: 12e}", Step(-2000.0, "12e")),
        ("json", json.dumps({"value": {"rate": 1e-5, "name": "\U0001f427"}}), Step(0.00001, "\U0001f427")),
        ("json", json.dumps({"value": {"rate": math.inf}}), Step(math.inf)),
    ],
)
def test_numbers_and_characters_in_a_file_as_json_and_yaml_write_them(ending, content, value, tmp_path):
    file = tmp_path / f"inputs.{ending}"
    file.write_text(content)
    assert inputs_of(workflow_of(Step), LESSON, ["--inputs-file", str(file)], TARGET) == {"value": value}


def test_a_value_in_a_json_file(tmp_path):
    (tmp_path / "steps.json").write_text("[{}]")
    assert inputs_of(workflow_of(list[Step]), LESSON, ["--value", str(tmp_path / "steps.json")], TARGET) == {
        "value": [Step()]
    }


def test_an_unknown_name_in_lesson_toml():
    line = refused(workflow_of(int), lesson=with_inputs(values=5))
    assert line == "projects/x/lesson.toml [inputs]: no such input: 'values'; the inputs are value"


@pytest.mark.parametrize("words", [["--values", "5"], ["stray"], ["--value"], ["--"], ["-v", "5"]])
def test_words_that_are_no_options(words):
    assert refused(workflow_of(int), *words)


def test_files_folders_and_data_frames(tmp_path, monkeypatch):
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
    found = inputs_of(wf, LESSON, words, TARGET)
    assert Path(found["file"].path).is_absolute()
    monkeypatch.chdir("/")
    assert wf(**found) == (3, 1, 3, 6)


def test_an_address_is_taken_as_it_is():
    found = inputs_of(workflow_of(FlyteFile), LESSON, ["--value", "s3://bucket/file"], TARGET)
    assert found["value"].path == "s3://bucket/file"


@pytest.mark.parametrize("remote", [True, False])
def test_a_cluster_gets_a_copy_of_a_file(remote, tmp_path):
    """Of an input that is never copied, a task on a cluster would look for this machine's path."""
    (tmp_path / "table.parquet").write_bytes(pd.DataFrame({"a": [1]}).to_parquet())

    def given(kind, path):
        return inputs_of(workflow_of(kind), LESSON, ["--value", str(path)], TARGET, remote)["value"]

    assert given(FlyteFile, tmp_path / "table.parquet").remote_path is (None if remote else False)
    assert given(FlyteDirectory, tmp_path).remote_directory is (None if remote else False)
    assert (given(StructuredDataset, tmp_path / "table.parquet").uri is None) is remote


@pytest.mark.parametrize("name", ["X", "n_Jobs", "größe", "help", "file", "inputs_file", "self"])
def test_a_name_of_an_input_is_free(name):
    entity = Workflow(name="free")
    entity.add_workflow_input(name, int)
    assert inputs_of(entity, LESSON, [f"--{name}", "5"], TARGET) == {name: 5}


def test_names_that_differ_by_their_case_only():
    @workflow
    def wf(x: int, X: int, no_flag: int = 3, flag: bool = False):
        pass

    words = ["--x", "1", "--X", "2", "--no_flag", "4", "--flag"]
    assert inputs_of(wf, LESSON, words, TARGET) == {"x": 1, "X": 2, "no_flag": 4, "flag": True}


def test_help_lists_the_inputs(capsys):
    @workflow
    def wf(number: int, plan: Plan, scale: Scale = Scale.RANGE, flag: bool = True, span: timedelta = timedelta(1)):
        """Does something.

        Args:
            number: how many.
        """

    with pytest.raises(Done):
        inputs_of(wf, LESSON, ["--help"], TARGET)
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
