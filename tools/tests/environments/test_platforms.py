"""Set-up stops on a platform without wheels before it installs anything."""

import sys

import pytest

from tools.environments import platforms

# Starts set-up as make asks for it, python -S -c CODE tools.bootstrap, as if this Python were made for another machine.
ELSEWHERE = """#!/bin/sh
exec {python} -c '
import platform, sys
platform.system, platform.machine = lambda: "{system}", lambda: "{machine}"
code, *sys.argv[1:] = sys.argv[3:]
exec(code)
' "$@"
"""
NEXT = "; on an Intel Mac, use the dev container; on Apple silicon, name a Python for arm64: make PYTHON=…"
SUPPORTED = "Linux on x86-64, Linux on arm64, macOS 14 or newer on arm64"


@pytest.mark.parametrize(("system", "machine", "step"), [("Darwin", "x86_64", NEXT), ("Linux", "riscv64", "")])
def test_an_unsupported_platform_is_one_line_before_anything_is_installed(system, machine, step, make_stops, clone):
    python = clone / "another-python"
    python.write_text(ELSEWHERE.format(python=sys.executable, system=system, machine=machine))
    python.chmod(0o755)
    assert make_stops("list", root=clone, PYTHON="./another-python") == (
        f"set-up: {system} on {machine} is not supported, because packages of the lessons have no wheels for it; "
        f"supported platforms: {SUPPORTED}{step}"
    )
    assert not (clone / ".tools").exists()


@pytest.mark.parametrize("python", [("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64")])
def test_the_supported_platforms_are_let_through(python, monkeypatch):
    monkeypatch.setattr(platforms, "here", lambda: python)
    platforms.need_supported()
