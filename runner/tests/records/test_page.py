"""The page of a run: what the tasks used, in the units of what they asked for."""

import re

from runner.records import page
from runner.records.data import Source
from runner.records.record import Record, TaskRun


def rows(table: str) -> list[list[str]]:
    return [re.findall(r"<(?:th|td)>(.*?)</", row) for row in table.split("<tr>")[3:]]


def test_use_stands_beside_requests_and_limits():
    asked = {"requests": {"cpu": "500m", "memory": "300Mi"}, "limits": {"cpu": "1", "memory": "500Mi"}}
    tasks = [
        TaskRun("judge (n1)", {}, seconds=4.0, cpu_seconds=3.0, peak_mb=104.8576, **asked),
        TaskRun("<killed>", {}, seconds=4.0),
    ]
    assert rows(page.sizes(tasks)) == [
        ["judge (n1)", "4.0", "3.0", "0.75", "500m", "1", "100Mi", "300Mi", "500Mi"],
        ["&lt;killed&gt;", "4.0", *[""] * 7],
    ]


def test_links_lead_to_the_last_attempt_of_a_task():
    tasks = [TaskRun("ask", {}, "recoverable", id="n0"), TaskRun("ask", {}, "succeeded", id="n0")]
    tasks.append(TaskRun("close", {"x": 1}, "succeeded", id="n1", sources={"x": [Source("task", "n0", "o0")]}))
    html = page.render(Record("lesson", "", "", "run", "", {}, "", {}, tasks=tasks))
    assert re.findall(r'<tr( id="task-n0")?><th>ask', html) == ["", ' id="task-n0"']
    assert 'x = 1 <span class="from">← <a href="#task-n0">ask (n0)</a></span>' in html


def test_without_a_measurement_there_is_no_table():
    assert page.sizes([TaskRun("greet", {}, seconds=1.0)]) == page.sizes([]) == ""


def test_an_empty_text_can_be_seen():
    tasks = [TaskRun("greet", {"name": ""}, outputs={"o0": ""})]
    html = page.render(Record("lesson", "", "", "run", "", {"name": ""}, "", {}, tasks=tasks))
    assert html.count("name = &#x27;&#x27;<") == 1
    assert html.count("<td>&#x27;&#x27;</td>") == 2
