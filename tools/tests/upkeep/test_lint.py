"""`make lint` names what fails; `make format` mends it."""

import subprocess
from types import SimpleNamespace

import pytest

from tools.core.paths import ROOT
from tools.tiers.local import DEV
from tools.upkeep import lint
from tools.upkeep.lint import dockerfiles

# Not in one piece, which would be found here too.
MISSPELT = "receive".replace("ei", "ie")
SPOILT = "projects/flyte-basics/flyte_basics/spoilt.py"


@pytest.fixture
def spoilt(clone_with_uv):
    """A clone with something wrong for each check."""
    lesson = clone_with_uv / "projects" / "flyte-basics"
    (clone_with_uv / SPOILT).write_text("import os\nx = {  }\n")
    # Without an __init__.py, the check of imports would not see it.
    (lesson / "flyte_basics" / "deep").mkdir(exist_ok=True)
    (lesson / "flyte_basics" / "deep" / "module.py").write_text("import runner.lesson\n")
    (lesson / "Dockerfile").write_text("FROM base:latest AS task\nRUN cd /tmp\n")
    (clone_with_uv / ".github" / "workflows" / "ci.yml").write_text("name: CI \n")
    with (lesson / "README.md").open("a") as readme:
        readme.write(f"\nYou [{MISSPELT}](gone.md) a page: `make no-such-target`.\n")
    # As in the archive that a browser downloads: outside of git, what make made is no part of the repository.
    (clone_with_uv / "out").mkdir(exist_ok=True)
    (clone_with_uv / "out" / "made.md").write_text(f"[{MISSPELT}](gone-too.md)\n")
    toml = lesson / "lesson.toml"
    toml.write_text(toml.read_text().replace('title = "', 'title = "Spoilt: ', 1))
    return clone_with_uv


def test_lint_names_each_check_that_fails(spoilt, make):
    answer = make("lint", root=spoilt)
    assert answer.returncode == 2
    failed = "ruff check, ruff format, hadolint, schemas, zizmor, spelling, links, derived files"
    assert f"make lint: {failed}: see above; " in answer.stderr
    # What each of them complains about.
    for what in (
        "spoilt.py",
        "is part of an implicit namespace package",
        "projects/flyte-basics/Dockerfile:2 ",
        "'jobs' is a required property",
        "failed to load ",
        f"`{MISSPELT}` should be `receive`",
        ": gone.md: no such file in the repository",
        ": make no-such-target: no such target",
    ):
        assert what in answer.stdout
    assert "made.md" not in answer.stdout


def test_format_mends_code_and_derived_files(spoilt, make):
    answer = make("format", root=spoilt)
    assert answer.returncode == 0
    assert "docker-bake.json: written\n" in answer.stdout
    assert "Spoilt: " in (spoilt / "docker-bake.json").read_text()
    assert (spoilt / SPOILT).read_text() == "x = {}\n"


def test_every_dockerfile_is_checked():
    every = [*ROOT.glob("images/**/Dockerfile"), *ROOT.glob("projects/**/Dockerfile")]
    assert list(dockerfiles()) == sorted(str(path.relative_to(ROOT)) for path in every)


def test_a_tool_that_does_not_start_is_one_line(monkeypatch, tmp_path, stopped):
    monkeypatch.setattr(lint, "DEV", SimpleNamespace(ensure=lambda: SimpleNamespace(folder=tmp_path)))
    line = f"zizmor does not start (No such file or directory); remove {tmp_path}, which is then made again"
    assert stopped(lint.tool, "zizmor") == line


def test_outside_of_git_ruff_leaves_alone_what_make_made(clone):
    """As in the archive that a browser downloads."""
    for made in (".tools/dev/bin", "out/flyte-basics"):
        (clone / made).mkdir(parents=True)
        (clone / made / "made.py").touch()
    command = [DEV.folder / "bin" / "ruff", "check", "--show-files"]
    assert "made.py" not in subprocess.run(command, cwd=clone, capture_output=True, text=True, check=True).stdout
