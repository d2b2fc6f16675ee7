"""Whatever stands in ARGS or in a file of inputs: the inputs, or one line. A word of each kind meets each type."""

import json
import random
from datetime import date, datetime, timedelta
from typing import Any, Literal

import pytest
import yaml
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile
from option_cases import LESSON, TARGET, Plan, Scale, Step, with_inputs, workflow_of

from runner.errors import Stop
from runner.local.options import inputs_of

ROUNDS = 400
KINDS = (
    *(int, float, bool, str, date, datetime, timedelta, Scale, Literal["a", "b"], Step, Plan),
    *(FlyteFile, FlyteDirectory, int | None, int | str, float | bool | None),
    *(list[int], list[Step], dict[str, float], dict[int, list[Step]], dict),
)
WORDS = (
    *("", " ", "0", "-1", "1.0", "1e999", "nan", "9" * 5000, "-9223372036854775809", "0x1f", "1_000", "\u0663"),
    *("true", "None", "null", "[]", "{}", "[1, 2]", '{"a": 1}', '{"rate": []}', "[" * 5000, '{"a":' * 5000),
    *("'", '"', "\\", "\n", "\x1b[31m", "\u202e", "\U0001f427", "\udcff", "x" * 100_000, "--", "-", "@x", "{{x}}"),
    *("today", "now - 1 day", "2024-02-30", "0001-01-01", "9999-12-31T24:00", "1 day", "-1:00", "1000000000 weeks"),
    *("/", "/nowhere", "~", "*", "s3://", "file://x", "http://["),
    *("--value", "--help=1", "--inputs-file", "--inputs-file=/", "--inputs-file=/dev/null"),
)
FILES = (
    *(None, True, 5, 5.5, float("nan"), "x", [], {}, [[]]),
    *({"rate": 1}, {"steps": [{}]}, [{}], date(1, 1, 1), {1: 2}, b"x"),
)
FAULTS = ("", "[", "}", ":", "&a", "*a", "\t", "!x", "\ufffe", "'")


def words_for(chance: random.Random) -> list[str]:
    """A command line of one to three words, most of them for the input called value."""
    word = chance.choice(WORDS)
    if chance.random() < 0.3:
        word = "".join(chance.sample(word, len(word)))[:200] + chance.choice(WORDS)[:200]
    return chance.choice([["--value", word], [f"--value={word}"], [word], ["--value", "1", word], ["--value"]])


def one_line_or_inputs(entity: Any, *words: str, **given: Any) -> bool:
    """Whether the inputs are accepted; if not, it must be said in one line."""
    try:
        found = inputs_of(entity, with_inputs(**given) if given else LESSON, words, TARGET)
    except Stop as stop:
        line = str(stop)
        assert line.isprintable(), line
        assert len(line) < 800
        return False
    assert found.keys() == {"value"}
    return True


def test_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    chance = random.Random(16)
    entities = [workflow_of(kind) for kind in KINDS]
    accepted = [one_line_or_inputs(chance.choice(entities), *words_for(chance)) for _ in range(ROUNDS)]
    assert ROUNDS / 20 < sum(accepted) < ROUNDS


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_values_of_files(kind, tmp_path):
    entity, file = workflow_of(kind), tmp_path / "inputs.yaml"
    for value in FILES:
        by_lesson = one_line_or_inputs(entity, value=value)
        file.write_text(yaml.safe_dump({"value": value}))
        assert one_line_or_inputs(entity, f"--inputs-file={file}") == by_lesson


def test_files_of_inputs(tmp_path):
    chance, entity, file = random.Random(16), workflow_of(Plan, Plan([])), tmp_path / "inputs.yaml"
    text = json.dumps({"value": {"steps": [{"rate": 1}], "scale": "range", "sizes": {"a": 1}}})
    for _ in range(ROUNDS):
        place, new = chance.randrange(len(text)), chance.choice(FAULTS)
        file.write_text(text[:place] + new + text[place + chance.randint(0, 2) :], encoding="utf-8")
        one_line_or_inputs(entity, "--inputs-file", str(file))
