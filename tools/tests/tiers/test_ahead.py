"""What is compiled ahead of the first run: the lesson's imports, and nothing where its file cannot be read."""

from types import SimpleNamespace

import pytest

from tools.tiers import ahead


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """The code that a second process is given for a lesson whose file holds this."""
    commands = []
    process = SimpleNamespace(terminate=lambda: None)
    monkeypatch.setattr(ahead.subprocess, "Popen", lambda command, **_: commands.append(command) or process)

    def compiled(content: bytes) -> str:
        file = tmp_path / "workflow.py"
        file.write_bytes(content)
        project = SimpleNamespace(entry_file=file, folder=tmp_path, environment=SimpleNamespace(python="python"))
        ahead.compile_ahead(project)
        (command,) = commands
        return command[-1]

    return compiled


def test_the_last_import_comes_first_without_what_every_run_imports(compiled):
    code = b"import numpy, os.path\nfrom flytekit import task\nfrom pandas import DataFrame\nfrom . import own\n"
    assert compiled(code) == "import pandas\nimport os.path\nimport numpy"


@pytest.mark.parametrize("content", [b"def f(:\n", b"x = '\0'\n", b"# \xff\n"])
def test_a_file_that_python_cannot_read_is_left_to_the_run(content, compiled):
    assert compiled(content) == ""
