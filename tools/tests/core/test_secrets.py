"""No password and no token of an address is printed, however it is written and by whichever program."""

import itertools

import pytest

from tools.core.reporting import ends_in_one_line, kept
from tools.core.secrets import check, hidden
from tools.environments.uv import reason, uv
from tools.images import build_variables

WORD = "hidden-word"
# Addresses that every program reads alike.
VALID = [f"https://user:{WORD}@host/simple", f"https://{WORD}@host/simple", f"https://user:{WORD}%2Fx%23@host/simple"]
WITH_TOKEN = [f"https://host/{WORD}/simple", f"https://host:8443/simple/{WORD}/", f"https://host/simple?key={WORD}"]
# Programs take a part of the password for the host's port, the path or the fragment.
BROKEN = [
    f"https://user:{WORD}/x@host/simple",
    f"https://user:x/{WORD}@host/simple",
    f"https://user:{WORD}#x@host/simple",
    f"https://user:12#{WORD}@host/simple",
    f"https://user:{WORD}?@host/simple",
    f"https://{WORD}/x@host/simple",
    f"https://user:{WORD}\\x@host/simple",
]
VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "INDEX", "PIP_FIND_LINKS")
SAID = [
    "Failed to fetch: `{0}/tiny/`",
    "error sending request for url ({0}/tiny/)",
    '"{0}", and {0}',
    "invalid port number in `{0}`",
    "no address: " + WORD,
    "no address: " + WORD.replace("-", "%2D"),
]


@pytest.mark.parametrize("address", [*VALID, *WITH_TOKEN, *BROKEN])
@pytest.mark.parametrize("variable", [*VARIABLES, "HTTPS_PROXY", "OPENLINEAGE_URL", "OPENLINEAGE__TRANSPORT__URL"])
def test_it_is_hidden_in_whatever_is_said(address, variable):
    environment = {variable: address}
    for said in SAID if address not in WITH_TOKEN else SAID[:3]:
        assert WORD not in hidden(said.format(address), environment)


@pytest.mark.parametrize(
    "said", ["make: pages at https://pages.example/a?b=c#d", "file:///tmp/a", "git@host:a/b", "simple"]
)
def test_what_is_no_secret_is_shown(said):
    assert hidden(said, {"PIP_INDEX_URL": f"https://user:{WORD}@host/simple"}) == said


def test_of_an_address_the_host_is_shown():
    said = hidden(f"Failed to fetch: `https://user:{WORD}@host/simple/tiny/`", {})
    assert said == "Failed to fetch: `https://***@host/simple/tiny/`"
    environment = {"INDEX": f"https://host/{WORD}/simple"}
    assert (
        hidden(f"Failed to fetch: `https://host/{WORD}/simple/tiny/`", environment)
        == "Failed to fetch: `https://host/…`"
    )


@pytest.mark.parametrize(("address", "variable"), itertools.product(BROKEN, VARIABLES))
def test_an_address_that_programs_would_misread_is_refused_without_it(address, variable, stopped):
    line = stopped(check, {variable: f"https://first/simple {address}"})
    assert line.startswith(f"{variable} is not a valid address: ")
    assert WORD not in line


@pytest.mark.parametrize("address", [*VALID, *WITH_TOKEN, "/a folder", "", "relative/x@y"])
@pytest.mark.parametrize("variable", VARIABLES)
def test_any_other_address_is_taken(address, variable):
    check({variable: address})


@pytest.mark.parametrize("address", BROKEN)
def test_neither_uv_nor_a_build_gets_a_misread_address(address, monkeypatch, stopped):
    monkeypatch.setenv("PIP_INDEX_URL", address)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    for line in (stopped(uv, ["pip", "list"], "x"), stopped(build_variables.of_builds)):
        assert line.startswith("PIP_INDEX_URL is not a valid address")
        assert WORD not in line


def test_uvs_words_are_without_it(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", f"https://host/{WORD}/simple")
    assert reason(f"error: Failed to fetch: `https://host/{WORD}/simple/tiny/`").endswith("`https://host/…`)")


def test_neither_an_error_nor_its_traceback_has_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PIP_INDEX_URL", f"https://user:{WORD}@host/simple")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def work():
        raise ValueError(f"https://user:{WORD}@host/simple is wrong")

    assert ends_in_one_line("make x", work) == 1
    assert WORD not in capsys.readouterr().err
    (file,) = tmp_path.iterdir()
    assert WORD not in file.read_text().replace("{WORD}", "")
    assert "ValueError" in file.read_text()


def test_a_traceback_that_cannot_be_kept_is_told(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/no/such/folder")
    assert kept(ValueError("x")) == "no file: No such file or directory"
