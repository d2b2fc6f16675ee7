"""The environment variables that uv gets, and its errors as one line."""

import os
import subprocess
import sys

import pytest

from tools.core.paths import ROOT, UV
from tools.core.variables import clean_environment
from tools.environments import uv as module
from tools.environments.uv import reason, uv

HASH = "--hash=sha256:" + 64 * "0"


@pytest.mark.parametrize(
    ("pip_name", "value", "uv_name", "translated"),
    [
        ("PIP_INDEX_URL", "http://a/simple", "UV_DEFAULT_INDEX", "http://a/simple"),
        ("PIP_EXTRA_INDEX_URL", "http://a\n  http://b", "UV_INDEX", "http://a http://b"),
        ("PIP_FIND_LINKS", "/wheels  http://b", "UV_FIND_LINKS", "/wheels,http://b"),
        ("PIP_TRUSTED_HOST", "a b:80", "UV_INSECURE_HOST", "a b:80"),
        ("PIP_DEFAULT_TIMEOUT", "60", "UV_HTTP_TIMEOUT", "60"),
        ("PIP_PROXY", "http://proxy:3128", "ALL_PROXY", "http://proxy:3128"),
        ("PIP_CERT", "/ca.crt", "SSL_CERT_FILE", "/ca.crt"),
        ("REQUESTS_CA_BUNDLE", "/ca.crt", "SSL_CERT_FILE", "/ca.crt"),
    ],
)
def test_what_pip_is_told_uv_is_told(pip_name, value, uv_name, translated):
    assert clean_environment({pip_name: value}) == {pip_name: value, uv_name: translated}


def test_uvs_own_variable_wins():
    outer = {"UV_DEFAULT_INDEX": "http://a", "PIP_INDEX_URL": "http://b", "SSL_CERT_FILE": "/a", "PIP_CERT": "/b"}
    assert clean_environment(outer) == outer


def test_pips_certificates_win_over_those_of_requests():
    outer = {"REQUESTS_CA_BUNDLE": "/requests", "PIP_CERT": "/pip"}
    assert clean_environment(outer)["SSL_CERT_FILE"] == "/pip"


def test_an_empty_variable_is_not_handed_on():
    assert "UV_DEFAULT_INDEX" not in clean_environment({"PIP_INDEX_URL": ""})


@pytest.mark.parametrize(
    "name",
    ["PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "PYTHONOPTIMIZE", "PYTEST_ADDOPTS"],
)
def test_what_would_mislead_a_child_process_is_dropped(name):
    assert clean_environment({name: "1", "HOME": "/home/a"}) == {"HOME": "/home/a"}


def test_the_outer_environment_is_not_changed(monkeypatch):
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    clean_environment()["NEW"] = "1"
    assert os.environ["VIRTUAL_ENV"] == "/somewhere"
    assert "NEW" not in os.environ


def test_uv_takes_the_translated_names(wheels, tmp_path, monkeypatch):
    """PIP_FIND_LINKS is heard by uv itself, not only written down under its name for it."""
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setenv("UV_OFFLINE", "1")
    requirements = tmp_path / "tiny.txt"
    requirements.write_text("tiny==1.0\n")
    uv(["pip", "sync", "--python", sys.executable, "--target", tmp_path / "target", requirements], "test")
    assert (tmp_path / "target" / "tiny.py").exists()


@pytest.fixture
def sync(tmp_path):
    """Runs the real uv on a lock of the given text."""

    def sync(text: str, *options: object) -> None:
        lock = tmp_path / "lock.txt"
        lock.write_text(text)
        command = ["pip", "sync", "--python", sys.executable, "--target", tmp_path / "target", "--require-hashes", lock]
        uv([*command, *options], "tiny: could not be made")

    return sync


def test_success_says_nothing(sync, capfd):
    sync("")
    assert capfd.readouterr() == ("", "")


def test_a_wrong_hash_is_one_line(sync, wheels, stopped):
    line = stopped(sync, f"tiny==1.0 {HASH}", "--no-index", "--find-links", wheels)
    assert line.startswith("tiny: could not be made: the lock and the registry disagree about a hash; if the lock was")
    assert "Hash mismatch for `tiny==1.0`" in line


def test_a_wrong_hash_among_many_still_names_the_package(sync, wheels, stopped):
    line = stopped(sync, f"tiny==1.0 {' '.join(20 * [HASH])}", "--no-index", "--find-links", wheels)
    assert "tiny==1.0" in line


def test_a_lock_without_hashes_is_one_line(sync, stopped):
    line = stopped(sync, "tiny==1.0")
    assert "make it again: make lock (uv: error: In `--require-hashes` mode, all requirements must have a hash" in line


def test_a_registry_that_is_not_reachable_is_one_line_without_credentials(sync, no_registry, stopped):
    line = stopped(sync, f"tiny==1.0 {HASH}")
    assert line.startswith("tiny: could not be made: the package registry is not reachable; check the network, or ")
    assert "secret-word" not in line


def test_a_package_that_is_not_there_is_told_in_uvs_words(sync, wheels, stopped):
    line = stopped(sync, f"huge==1.0 {HASH}", "--no-index", "--find-links", wheels)
    assert line.startswith("tiny: could not be made: uv: error: No solution found")
    assert "huge" in line


def test_a_python_that_is_not_there_is_one_line(tmp_path, stopped):
    line = stopped(uv, ["venv", "--python", "3.99", tmp_path / "venv"], "no venv")
    assert line.startswith("no venv: this Python is not on the machine and could not be downloaded; install it, or ")


def test_a_python_that_cannot_be_downloaded_is_not_a_missing_registry(tmp_path, stopped, monkeypatch):
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", "http://127.0.0.1:1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    line = stopped(uv, ["venv", "--managed-python", "--python", "3.12", tmp_path / "venv"], "no venv")
    assert "this Python is not on the machine" in line
    assert "UV_PYTHON_INSTALL_MIRROR=…" in line


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("error: failed to write\n  cause: No space left on device (os error 28)", "no space is left on the disk"),
        ("error: failed to create\n  cause: Read-only file system (os error 30)", "a folder is not writable; "),
        ("error: failed to create\n  cause: Permission denied (os error 13)", "a folder is not writable; "),
        ("error: operation timed out", "the package registry is not reachable; check the network"),
    ],
)
def test_what_cannot_be_brought_about_here_is_known_by_its_words(words, meaning):
    line = reason(words)
    assert line.startswith(meaning)
    assert line.endswith(f"(uv: {' '.join(words.split())})")


def test_a_cache_that_is_not_writable_may_be_elsewhere():
    assert "another folder for uv's cache: UV_CACHE_DIR=" in reason("error: Permission denied (os error 13)")


def test_an_unknown_error_is_uvs_first_and_last_words():
    line = reason("error: " + 1000 * "x" + "\n\n  the end\n")
    assert line.startswith("uv: error: xxx")
    assert line.endswith("xxx the end")
    assert len(line) < 500


@pytest.mark.parametrize(
    "words",
    [
        "error: No solution found when resolving dependencies\n  cause: Because there is no version of "
        "torch{(platform_machine == 'x86_64' and sys_platform == 'linux')}==2.13.0+cpu and you require "
        "torch{(platform_machine == 'x86_64')}==2.13.0+cpu, we can conclude that your requirements are unsatisfiable.",
        "error: Request failed after 3 retries in 9.2s\n  cause: Failed to fetch: https://download.pytorch.org/whl/cpu/torch/\n"
        "  cause: dns error",
    ],
)
def test_where_only_pypi_is_reached_the_cpu_build_of_pytorch_is_named_with_the_next_step(words):
    line = reason(words)
    assert line.startswith("the CPU build of PyTorch is not on PyPI, and PyTorch's own index is not reached; take the ")
    assert "TORCH=cuda" in line
    assert f"(uv: {words[:20]}" in line
    assert "platform_machine" not in line


def test_long_work_shows_a_sign_of_life(sync, no_registry, stopped, monkeypatch, capfd):
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setenv("UV_HTTP_RETRIES", "1")
    stopped(sync, f"tiny==1.0 {HASH}")
    assert "  … still at work after 0 s\n" in capfd.readouterr().err


def test_uv_is_the_one_of_the_lock():
    answer = subprocess.run([UV, "--version"], capture_output=True, text=True)
    assert f"uv=={answer.stdout.split()[1]}" in (ROOT / "tools" / "uv.txt").read_text()


def test_a_uv_that_does_not_start_names_what_to_remove(tmp_path, monkeypatch, stopped):
    """As a virus scanner or a copy that was cut off leaves it."""
    damaged = tmp_path / ".tools" / "uv" / "bin" / "uv"
    damaged.parent.mkdir(parents=True)
    monkeypatch.setattr(module, "UV", damaged)
    for _ in ("gone", "empty"):
        line = stopped(uv, ["--version"], "tiny: no environment")
        assert line.startswith("tiny: no environment: uv does not start (")
        assert f"remove {tmp_path}/.tools/uv and {tmp_path}/.tools/ready: " in line
        damaged.touch()
