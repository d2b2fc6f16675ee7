"""A lock is refused if a package has no wheel for a supported platform."""

import tarfile
import zipfile

import pytest

from tools.core.errors import Stop
from tools.core.paths import PROJECTS
from tools.upkeep import lock

X86, ARM, MAC = "manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "macosx_14_0_arm64"
METADATA = "Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\n"


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """Puts the source of a package, and its wheels for some platforms, into the only folder that uv looks in."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    def offer(name: str, *platforms: str, python: str = "cp311") -> None:
        source = tmp_path / f"{name}-1.0"
        source.mkdir(exist_ok=True)
        (source / "PKG-INFO").write_text(METADATA.format(name=name))
        (source / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "1.0"\n')
        with tarfile.open(folder / f"{name}-1.0.tar.gz", "w:gz") as archive:
            archive.add(source, source.name)
        for platform in platforms:
            tag = "py3-none-any" if platform == "any" else f"{python}-{python}-{platform}"
            with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as wheel:
                wheel.writestr(f"{name}-1.0.dist-info/METADATA", METADATA.format(name=name))
                wheel.writestr(f"{name}-1.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
                wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")

    return offer


@pytest.fixture
def locked(tmp_path):
    """Locks an .in file; returns the text of the lock."""

    def locked(*lines: str) -> str:
        file = tmp_path / "requirements.in"
        file.write_text("\n".join(lines) + "\n")
        lock.compile_lock(file, "3.11")
        return file.with_suffix(".txt").read_text()

    return locked


@pytest.mark.parametrize(
    ("platforms", "missing"),
    [
        ((ARM, MAC), "Linux on x86-64"),
        ((X86, MAC), "Linux on arm64"),
        ((X86, ARM), "macOS 14 or newer on arm64"),
        ((X86, ARM, "macosx_15_0_arm64"), "macOS 14 or newer on arm64"),
        ((X86, ARM, "macosx_14_0_x86_64"), "macOS 14 or newer on arm64"),
        ((X86, "musllinux_1_2_aarch64", MAC), "Linux on arm64"),
    ],
)
def test_a_missing_wheel_is_one_line_and_leaves_the_old_lock(platforms, missing, offer, locked, stopped, tmp_path):
    offer("small", "any")
    before = locked("small")
    offer("tiny", *platforms)
    assert stopped(locked, "small", "tiny") == (
        f"requirements.in: tiny==1.0 has no wheel for {missing}, Python 3.11; pin another version, or "
        "if no lesson uses the package, name it in requirements.excludes"
    )
    assert (tmp_path / "requirements.txt").read_text() == before


def test_a_wheel_for_another_python_is_none(offer, locked):
    offer("tiny", X86, ARM, MAC, python="cp312")
    with pytest.raises(Stop, match=r"tiny==1\.0 has no wheel for Linux on x86-64, Python 3\.11;"):
        locked("tiny")


@pytest.mark.parametrize("platforms", [("any",), (X86, ARM, MAC), (X86, "manylinux2014_aarch64", "macosx_11_0_arm64")])
def test_a_package_with_a_wheel_everywhere_is_locked(platforms, offer, locked):
    offer("tiny", *platforms)
    assert "tiny==1.0 " in locked("tiny")


def test_a_wheel_is_needed_only_where_the_package_is(offer, locked):
    offer("tiny", X86, MAC)
    assert "tiny==1.0 ;" in locked("tiny ; platform_machine != 'aarch64'")


def test_pure_source_is_an_exception_by_name(offer, locked):
    offer("pyspark")
    assert "pyspark==1.0 " in locked("pyspark")


def test_a_package_can_be_left_out(offer, locked, tmp_path):
    offer("tiny", X86, MAC)
    (tmp_path / "requirements.excludes").write_text("# Nobody imports it.\ntiny\n")
    offer("small", "any")
    assert "tiny==" not in locked("small", "tiny")


def test_what_is_left_out_is_in_no_lock():
    files = list(PROJECTS.glob("*/*.excludes"))
    assert files
    for file in files:
        names = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        lines = file.with_suffix(".txt").read_text().splitlines()
        assert [line for line in lines if line.partition("==")[0] in names] == []
