"""A module that cannot be imported is one finding, whatever imports it, and no workflow in it is another."""

import subprocess
import sys
from pathlib import Path

import pytest

# A workflow that typecheck finds fault with, if it gets to it, in line 14 of its file.
WORKFLOW = """
from flytekit import LaunchPlan, task, workflow

@task
def text() -> str:
    return ""

@task
def double(number: int) -> int:
    return 2 * number

@workflow
def wf() -> int:
    return double(number=text())

plan = LaunchPlan.get_or_create(wf, __name__)
"""
MISMATCH = "wf: n1 double, input number: gets str (output o0 of n0 text), wants int"
BY_A_HELPER = WORKFLOW.replace("return double(number=text())", "return called(double, text())")
PACKED = """from flytekit import task, workflow

@task
def take(content: dict) -> None: ...

@workflow
def packs(content: dict = {"a": object()}) -> None:
    take(content=content)
"""
BY_EXEC = """from flytekit import task, workflow

@task
def text() -> str:
    return ""

exec(compile("\\ndef wf() -> int:\\n    return text()\\n", __file__, "exec"))
wf = workflow(wf)
"""
MODULES = {
    "__init__": "",
    "a_first": "from imported import after",
    "after": f"from imported.broken import wf\n{WORKFLOW}",
    "before_syntax": "import imported.syntax",
    "broken": f"{WORKFLOW}\nimport there_is_no_such_module\n",
    "helped": f"from helper import called{BY_A_HELPER}",
    "packed": PACKED,
    "script": "import sys\nsys.exit(3)\n",
    "sub/__init__": "",
    "sub/later": "import imported.after",
    "sub/zero": "1 / 0",
    "syntax": "\n\ndef f(:\n    pass\n",
    "workflow": WORKFLOW,
}


def typecheck(folder: Path, modules: dict[str, str]) -> list[str]:
    """Writes the modules of a package; returns the findings."""
    lesson = 'title = "Imports"\nentry_point = "imported.workflow:wf"\ncases = []\n[images.default]\n'
    (folder / "lesson.toml").write_text(lesson)
    (folder / "helper.py").write_text("def called(task, number):\n    return task(number=number)\n")
    for name, source in modules.items():
        file = folder / "imported" / f"{name}.py"
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(source)
    command = [sys.executable, "-m", "runner", "typecheck", folder, "out", "{}"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (1, "")
    return answer.stdout.splitlines()[:-1]


@pytest.fixture(scope="module")
def findings(tmp_path_factory) -> list[str]:
    return typecheck(tmp_path_factory.mktemp("lesson"), MODULES)


@pytest.mark.parametrize(
    "finding",
    [
        "broken.py:18: cannot be imported: ModuleNotFoundError: No module named 'there_is_no_such_module'",
        "script.py:2: cannot be imported: SystemExit: 3",
        "sub/zero.py:1: cannot be imported: ZeroDivisionError: division by zero",
        "syntax.py:3: cannot be imported: SyntaxError: invalid syntax (syntax.py, line 3)",
        f"workflow.py:14: {MISMATCH}",
    ],
)
def test_one_cause_is_one_finding(findings, finding):
    assert findings.count(f"imported/{finding}") == 1


def test_what_imports_a_broken_module_adds_nothing(findings):
    files = {line.split(":")[0].removeprefix("imported/") for line in findings}
    assert files == {"broken.py", "helped.py", "packed.py", "script.py", "sub/zero.py", "syntax.py", "workflow.py"}
    assert len(findings) == len(files)


def test_the_line_is_the_lessons_although_a_compiled_library_raised_the_error(findings):
    """msgpack names its source by a path that is nowhere."""
    (found,) = [line for line in findings if "packs: flytekit refuses it: " in line]
    assert found.startswith("imported/packed.py:7: ")


def test_the_line_is_the_packages_although_a_helper_outside_made_the_node(findings):
    assert f"imported/helped.py:14: {MISMATCH}" in findings


def test_a_function_that_exec_has_made_is_found_by_the_line_that_python_names(tmp_path):
    (finding,) = typecheck(tmp_path, {"__init__": "", "workflow": BY_EXEC})
    assert finding == "imported/workflow.py:2: wf: output o0: gets str (output o0 of n0 text), wants int"


def test_a_package_whose_own_file_fails(tmp_path):
    modules = {"__init__": f"{WORKFLOW}\nraise ValueError('no')\n", "workflow": WORKFLOW}
    assert typecheck(tmp_path, modules) == ["imported/__init__.py:18: cannot be imported: ValueError: no"]
