"""What a build prints is shown without the password of the index that it gets; ATTEST=0 asks for no attestations."""

import os
import sys

import pytest

from tools.core.paths import ROOT
from tools.images import bake, build_variables

WORD = "hidden-word"
SAYING = "import os, sys; print('fetched', os.environ['INDEX'] + '/tiny/', file=sys.stderr); sys.exit(3)"


@pytest.mark.parametrize(
    ("index", "shown"),
    [
        (f"https://user:{WORD}@host/simple", "fetched https://***@host/simple/tiny/"),
        (f"https://host/{WORD}/simple", "fetched https://host/…"),
        ("https://host/simple", "fetched https://host/simple/tiny/"),
    ],
)
def test_a_build_prints_no_password(index, shown, capfd):
    command = {"args": [sys.executable, "-c", SAYING], "cwd": ROOT, "env": os.environ | {"INDEX": index}}
    assert bake.without_secrets(command) == 3
    assert capfd.readouterr().err.strip() == shown


@pytest.mark.parametrize(("value", "there"), [("1", True), ("0", False), ("", False)])
def test_a_build_gets_attest_only_if_it_is_on(value, there, monkeypatch):
    monkeypatch.setenv("ATTEST", value)
    assert ("ATTEST" in build_variables.of_builds()) is there
