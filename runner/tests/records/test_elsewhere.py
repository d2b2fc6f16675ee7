"""Records that somebody else wrote, or damaged: data to be read, nothing to be obeyed."""

import json
import os
import random
from collections.abc import Iterator
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from runner.records import page
from runner.records.data import Source, Stored
from runner.records.find import NoLineage
from runner.records.lineage import Lineage
from runner.records.record import Damaged, Record, TaskRun, load, save

SCRIPTS = (
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    '"><img src=x onerror=alert(1)>',
    "\x1b[2J",
    "../../../x",
)


def example(text: str = "x") -> Record:
    """A record with something in every field."""
    moment = "2026-11-30T01:02:03+00:00"
    stored = {"in": [Stored(text, 64 * "a", 3, 1, {text: text})]}
    task = TaskRun(
        name=text,
        inputs={text: text, "number": 1},
        status=text,
        seconds=1.5,
        outputs={text: [text]},
        deck=text,
        error=text,
        image=text,
        requests={"cpu": text},
        limits={"memory": text},
        peak_mb=1.5,
        cpu_seconds=0.5,
        warnings=[text],
        computed_seconds=0.5,
        computed_by=text,
        computed_as=text,
        id="n0",
        attempt=1,
        task=text,
        started=moment,
        sources={"in": [Source("task", "n0", text, text), Source("input", "", text)]},
        read=stored,
        written=stored,
        lock=text,
        image_id=text,
        addresses={text: text},
        interface={"outputs": {text: text}},
    )
    facts = {"code sha256": text, "data sha256": text, "revision": text, "python": text}
    return Record(
        text, text, text, text, text, {text: text}, moment, facts, text, 1.0, {text: text}, [task], text, [text],
        moment, {text: [Source("task", "n0")]}, kind=text, execution=text, console=text,
    )  # fmt: skip


class Page(HTMLParser):
    """The elements of a page and the addresses in it."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a run."""
    made = tmp_path / "out" / "lesson" / "run"
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize("text", SCRIPTS)
def test_no_page_holds_a_script_or_an_address_out_of_its_run(folder, text):
    found = Page(page.render(example(text), folder))
    assert not {"script", "img"} & set(found.elements)
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    addresses = [value for name, value in found.attributes if name == "href"]
    assert not [address for address in addresses if address.startswith("/") or ":" in address.split("/")[0]]


def test_a_page_links_to_a_deck_within_its_run_and_to_a_console(folder):
    record = example()
    record.tasks[0].deck, record.console = "nodes/n0/attempt-0/deck.html", "https://flyte.example/console"
    addresses = {value for name, value in Page(page.render(record, folder)).attributes if name == "href"}
    assert {"nodes/n0/attempt-0/deck.html", "https://flyte.example/console"} <= addresses


@pytest.mark.parametrize("path", ["/dev/zero", "../../../../../../../../dev/zero", "link", "pipe", "\0", 5000 * "x"])
def test_a_lineage_reads_nothing_outside_the_runs_of_its_lesson(folder, path):
    (folder / "link").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe")
    record = example()
    record.tasks[0].inputs, record.tasks[0].read = {"in": 1}, {"in": [Stored(path, 64 * "a", 3)]}
    record.tasks[0].computed_by = ""
    told = "\n".join(Lineage(folder, record).lines)
    assert ("gone since" if path in ("pipe", 5000 * "x") else "not checked: outside the runs' folder") in told
    assert "\0" not in told


@pytest.mark.parametrize("text", ["[]", "{", '{"tasks": 1}', "", "null", 100_000 * "[", "\udcff", '{"run": 1}'])
def test_a_record_that_is_damaged_is_one_line(folder, text):
    (folder / "record.json").write_text(text, errors="surrogateescape")
    with pytest.raises(Damaged, match=r"record.json is damaged \(not") as damage:
        load(folder)
    assert "\n" not in str(damage.value)


def mutated(value: Any, chance: random.Random) -> Any:
    """JSON with one part of it replaced by something else, or left out."""
    parts = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not parts or chance.random() < 0.2:
        return chance.choice([None, -1, 1e308, True, "", "\ud800", "n0", [], {}, [[]], {"": None}, [1], {"n0": [{}]}])
    key = chance.choice(parts)
    if chance.random() < 0.2:
        del value[key]
    else:
        value[key] = mutated(value[key], chance)
    return value


def mutations(count: int) -> Iterator[str]:
    chance, whole = random.Random(16), json.dumps(asdict(example()))
    for _ in range(count):
        if chance.random() < 0.2:
            start = chance.randrange(len(whole))
            yield whole[:start] + chance.choice(["", "\0", "}", '"']) + whole[start + chance.randrange(9) :]
        else:
            yield json.dumps(mutated(json.loads(whole), chance))


def test_a_changed_record_is_read_or_damaged(folder):
    read = 0
    for text in mutations(int(os.environ.get("MUTATIONS", "300"))):
        (folder / "record.json").write_text(text, encoding="utf-8")
        try:
            record = load(folder)
            page.render(record, folder).encode("utf-8", "backslashreplace")
            Lineage(folder, record)
        except (Damaged, NoLineage):
            continue
        read += 1
    assert read, "some changes do no harm"


def test_what_no_json_has_is_kept_as_text(folder):
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no words")

    outputs = {"nan": float("nan"), "bytes": b"\xff", "half": "\ud800", "keys": {1: [float("inf")]}, "broken": Broken()}
    record = example()
    record.outputs = outputs
    save(record, folder)
    found = json.loads((folder / "record.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)["outputs"]
    assert found == {
        "nan": "nan",
        "bytes": "b'\\xff'",
        "half": "\\ud800",
        "keys": {"1": ["inf"]},
        "broken": "a Broken (its __repr__ failed: RuntimeError)",
    }
