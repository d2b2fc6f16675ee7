"""The page of a run: what a node opens, and what the tasks used in the units of what they asked for."""

import base64
import hashlib
import re
from pathlib import Path

from runner.records import page
from runner.records.data import Source, Stored
from runner.records.picture.sizes import sizes
from runner.records.record import Record, TaskRun

NOWHERE = Path("/nowhere")
MOMENT = "2026-11-30T01:02:03.000+00:00"
# The smallest PNG that there is: one pixel.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def record(tasks: list[TaskRun], **facts) -> Record:
    return Record("lesson", "", "", "run", "", {}, MOMENT, {}, tasks=tasks, **facts)


def rows(table: str) -> list[list[str]]:
    return [re.findall(r"<(?:th scope=.row.|td)>(.*?)</", row) for row in table.split("<tr>")[3:]]


def test_use_stands_beside_requests_and_limits():
    asked = {"requests": {"cpu": "500m", "memory": "300Mi"}, "limits": {"cpu": "1", "memory": "500Mi"}}
    tasks = [
        TaskRun("judge (n1)", {}, seconds=4.0, cpu_seconds=3.0, peak_mb=104.8576, **asked),
        TaskRun("<killed>", {}, seconds=4.0),
    ]
    assert rows(sizes(tasks)) == [
        ["judge (n1)", "4.0", "3.0", "0.75", "500m", "1", "100Mi", "300Mi", "500Mi"],
        ["&lt;killed&gt;", "4.0", *[""] * 7],
    ]


def test_without_a_measurement_there_is_no_table():
    assert sizes([TaskRun("greet", {}, seconds=1.0)]) == sizes([]) == ""


def test_a_node_holds_its_attempts_in_order_and_links_lead_to_it():
    tasks = [
        TaskRun("ask", {}, "recoverable", id="n0", error="no"),
        TaskRun("ask", {}, "succeeded", id="n0", attempt=1),
    ]
    tasks.append(TaskRun("close", {"x": 1}, "succeeded", id="n1", sources={"x": [Source("task", "n0", "o0")]}))
    html = page.render(record(tasks), NOWHERE)
    assert html.count('id="task-n0"') == 1
    assert html.index(">recoverable</span>, attempt 1 of 2") < html.index(">succeeded</span>, attempt 2 of 2")
    assert 'x = 1 <span class="from">← <a href="#task-n0">ask (n0)</a></span>' in html


def test_times_are_shown_to_the_second():
    html = page.render(record([], continued=["2026-11-30T01:02:04+00:00 make run PROJECT=x"]), NOWHERE)
    assert "Started 2026-11-30 01:02:03 UTC by " in html
    assert "Resumed 2026-11-30 01:02:04 UTC by <code>make run PROJECT=x</code>" in html


def test_a_revision_that_git_did_not_say_is_unknown():
    html = page.render(Record("lesson", "", "", "run", "", {}, MOMENT, {"revision": None}), NOWHERE)
    assert '<th scope="row">revision</th><td>unknown</td>' in html


def test_an_empty_text_can_be_seen():
    tasks = [TaskRun("greet", {"name": ""}, outputs={"o0": ""})]
    html = page.render(Record("lesson", "", "", "run", "", {"name": ""}, "", {}, tasks=tasks), NOWHERE)
    assert html.count("name = &#x27;&#x27;<") == 1
    assert html.count("<td>&#x27;&#x27;</td>") == 2


def test_the_page_lets_no_script_run_and_fetches_nothing():
    html = page.render(record([TaskRun("ask", {}, "succeeded", id="n0", started=MOMENT, seconds=1.0)]), NOWHERE)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)[1]
    content = re.search("<style>(.*?)</style>", html, re.DOTALL)[1].encode()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert policy == f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"
    assert "<script" not in html
    assert " style=" not in html, "the policy refuses these"


def test_an_image_of_the_run_is_on_the_page_and_no_file_from_elsewhere(tmp_path: Path):
    run = tmp_path / "run"
    (run / "nodes" / "n0").mkdir(parents=True)
    (tmp_path / "outside.png").write_bytes(PIXEL)
    (run / "nodes" / "n0" / "plot.png").write_bytes(PIXEL)
    (run / "nodes" / "n0" / "text.png").write_text("no image")
    (run / "nodes" / "n0" / "link.png").symlink_to(tmp_path / "outside.png")
    names = (
        "nodes/n0/plot.png",
        "nodes/n0/text.png",
        "nodes/n0/link.png",
        "../outside.png",
        str(tmp_path / "outside.png"),
    )
    outputs = {f"o{number}": name for number, name in enumerate(names)}
    written = {f"o{number}": [Stored(name, 64 * "a", len(PIXEL))] for number, name in enumerate(names)}
    html = page.render(record([TaskRun("draw", {}, "succeeded", id="n0", outputs=outputs, written=written)]), run)
    assert re.findall(r'<img alt="([^"]+)"', html) == ["plot.png"]
    assert base64.b64encode(PIXEL).decode() in html


def test_first_rows_and_parameters_are_shown():
    table = Stored("nodes/n0/x", 64 * "a", 9, 1, {"a": "int64", "b": "string"}, [["1", "<two>"]])
    model = Stored("nodes/n0/model.joblib", 64 * "b", 9, words="LogisticRegression(C=0.1)")
    task = TaskRun("fit", {}, "succeeded", id="n0", outputs={"table": table.path, "model": model.path})
    task.written = {"table": [table], "model": [model]}
    html = page.render(record([task]), NOWHERE)
    assert "<td>1</td><td>&lt;two&gt;</td>" in html
    assert "<pre>LogisticRegression(C=0.1)</pre>" in html
    assert ">model.joblib</a>" in html
