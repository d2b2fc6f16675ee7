"""Links in Markdown files: which lead somewhere, by the rules by which GitHub shows the files; and make targets."""

import pytest

from tools.upkeep import links

README = """\
# Start `here` & *now*: it's 2.0!

## Same
## Same
## Ünïcode_and-dashes

Set as a title
--------------

```
# Not a heading
[x](gone.md)
```

`[x](gone.md)`

    [x](gone.md)

<a id="own"></a> <a name="old"></a>

{links}

[by name]: {target}
"""


@pytest.fixture
def found(tmp_path):
    """The problems of a page with these links, without the page's name and line."""
    (tmp_path / "docs" / "sub").mkdir(parents=True)
    names = {"docs/page.md", "docs/sub/README.md", "docs/sub/a b.md", "docs/sub/x.py", "top.md"}
    for name in names:
        (tmp_path / name).write_text("# Inner\n")
    # Lies there, and git ignores it.
    (tmp_path / "docs" / "ignored.md").write_text("")

    def found(*written: str, target: str = "sub") -> list[str]:
        text = README.replace("{links}", "\n".join(written)).replace("{target}", target)
        (tmp_path / "docs" / "page.md").write_text(text)
        return [line.partition(": ")[2] for line in links.problems(tmp_path, names)]

    return found


GOOD = [
    "[x](#start-here--now-its-20)",
    "[x](#same) [x](#same-1)",
    "[x](#ünïcode_and-dashes)",
    "[x](#set-as-a-title)",
    "[x](#own) [x](#old)",
    "[x](sub) [x](sub/) [x](.) [x](..)",
    "[x](sub#inner) [x](sub/README.md#inner)",
    "[x](sub/a%20b.md) [x](<sub/a b.md>)",
    "[x](/docs/page.md) [x](/)",
    "[x](../top.md#inner)",
    "[x](sub/x.py#L3) [x](sub/x.py#L3-L9)",
    "[x](https://gone.example/x#y) [x](//gone.example/x) <mailto:a@example.com>",
    "[x][by name]",
]


def test_links_that_lead_somewhere(found):
    assert found(*GOOD) == []


NO_FILE = {
    "a file": ("[x](gone.md)", "gone.md"),
    "a picture": ("![x](gone.png)", "gone.png"),
    "in HTML": ('<a href="gone.html">x</a>', "gone.html"),
    "in a block of HTML": ('<p>\n<img src="gone.png">\n</p>', "gone.png"),
    "in a table": ("| a |\n|---|\n| [x](gone.md) |", "gone.md"),
    "in a heading": ("## [x](gone.md)", "gone.md"),
    "another case": ("[x](Sub/README.md)", "Sub/README.md"),
    "a file that git ignores": ("[x](ignored.md)", "ignored.md"),
    "a file outside of the repository": ("[x](../../top.md)", "../../top.md"),
    "from the root": ("[x](/page.md)", "/page.md"),
}


@pytest.mark.parametrize(("written", "link"), NO_FILE.values(), ids=NO_FILE)
def test_no_such_file(written, link, found):
    assert found(written) == [f"{link}: no such file in the repository"]


def test_no_such_file_by_a_name_for_it(found):
    assert found("[x][by name]", target="gone.md") == ["gone.md: no such file in the repository"]


NO_HEADING = {
    "one too many": ("#same-2", "docs/page.md"),
    "in a block of code": ("#not-a-heading", "docs/page.md"),
    "capitals": ("#Same", "docs/page.md"),
    "of another page": ("sub/README.md#outer", "docs/sub/README.md"),
    "of a folder": ("sub#outer", "docs/sub"),
    "of code": ("sub/x.py#inner", "docs/sub/x.py"),
}


@pytest.mark.parametrize(("link", "target"), NO_HEADING.values(), ids=NO_HEADING)
def test_no_such_heading(link, target, found):
    assert found(f"[x]({link})") == [f"{link}: no such heading in {target}"]


def test_a_problem_is_told_with_file_and_line(tmp_path):
    (tmp_path / "page.md").write_text("# A\n\nSome text.\n\nSome [x](gone.md)\n")
    assert list(links.problems(tmp_path, {"page.md"})) == ["page.md:5: gone.md: no such file in the repository"]


def test_the_files_are_those_that_git_does_not_ignore():
    found = links.files()
    assert {"README.md", "tools/upkeep/links.py", ".github/workflows/ci.yml"} <= found
    assert not [name for name in found if name.startswith((".tools/", "out/")) or "/.venv" in name]


def test_the_make_targets_in_commands_are_found():
    text = "`make format lint`, `make run PROJECT=x`, `make old: …` and make old\n\n    make setup\n"
    assert links.targets(text) == {"format", "lint", "run", "setup"}


def test_a_make_target_that_does_not_exist_is_named(tmp_path):
    (tmp_path / "Makefile").write_text("run: ## run a lesson\nold:\n")
    (tmp_path / "page.md").write_text("`make run`, `make old`\n")
    (tmp_path / ".github" / "ISSUE_TEMPLATE").mkdir(parents=True)
    (tmp_path / ".github" / "ISSUE_TEMPLATE" / "bug.yml").write_text("description: What `make doctr` prints\n")
    (tmp_path / "code.py").write_text("# `make old`\n")
    names = {"page.md", "code.py", ".github/ISSUE_TEMPLATE/bug.yml"}
    assert list(links.missing_targets(tmp_path, names)) == [
        ".github/ISSUE_TEMPLATE/bug.yml: make doctr: no such target",
        "page.md: make old: no such target",
    ]
