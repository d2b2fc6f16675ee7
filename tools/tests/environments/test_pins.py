"""Requirement files in every form that people write: what they pin, and what is wrong with one, in one line."""

import pytest

from tools.environments.pins import missing_pins, pins


@pytest.fixture
def write(tmp_path):
    """Writes requirement files by name; returns the first."""

    def write(**files: str):
        for name, text in files.items():
            (tmp_path / f"{name}.in").write_text(text)
        return tmp_path / f"{next(iter(files))}.in"

    return write


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("flytekit==1.16.31\n", {("flytekit", "1.16.31")}),
        ("Py_Arrow.X[a,b] == 26.0.1  # stored\n", {("py-arrow-x", "26.0.1")}),
        ("torch==2.13.0+cpu ; sys_platform == 'linux'\n", {("torch", "2.13.0+cpu")}),
        ("numpy==2.4.6 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n    # via pandas\n", {("numpy", "2.4.6")}),
        ("numpy>=2\npandas==3.*\nray>2,==2.60.0\n--no-binary :all:\n", set()),
        ("", set()),
    ],
)
def test_a_pin_is_a_name_and_its_only_version(write, text, found):
    assert pins(write(a=text)) == found


@pytest.mark.parametrize("form", ["-r b.in", "-rb.in", "-r  b.in", "--requirement b.in", "--requirement=b.in"])
def test_an_included_file_counts_in_every_form(write, form):
    assert pins(write(a=f"x==1\n{form}  # shared\n", b="y==2\n")) == {("x", "1"), ("y", "2")}


def test_a_file_is_included_relative_to_the_one_that_includes_it(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.in").write_text("-r sub/b.in\n")
    (tmp_path / "sub" / "b.in").write_text("-r c.in\n")
    (tmp_path / "sub" / "c.in").write_text("x==1\n")
    assert pins(tmp_path / "a.in") == {("x", "1")}


def test_files_that_include_each_other_are_one_line(write, stopped):
    line = stopped(pins, write(a="-r b.in\n", b="-r a.in\n"))
    assert "a.in includes itself by way of" in line


def test_a_missing_file_names_the_one_that_includes_it(write, stopped):
    line = stopped(pins, write(a="-r gone.in\n"))
    assert "gone.in, which" in line
    assert "a.in includes, cannot be read: No such file" in line


def test_a_line_that_is_no_requirement_is_named_with_its_file(write, stopped):
    line = stopped(pins, write(a="x==1\nflytekit = 1.16\n"))
    assert "a.in: 'flytekit = 1.16' is not a requirement" in line


def test_a_file_that_is_no_text_or_a_folder_is_one_line(tmp_path, stopped):
    (tmp_path / "binary.in").write_bytes(b"\xff\xfe")
    assert "binary.in is not UTF-8 text" in stopped(pins, tmp_path / "binary.in")
    (tmp_path / "folder.in").mkdir()
    assert "folder.in cannot be read: Is a directory" in stopped(pins, tmp_path / "folder.in")


def test_what_a_lock_lacks(write, tmp_path):
    write(requirements="-r more.in\nx==1\n", more="y==2\n")
    (tmp_path / "requirements.txt").write_text("x==1\n")
    assert missing_pins(tmp_path / "requirements.txt") == ["y==2"]
