"""Broken configurations of the client: one line with the file and the next step, never with what is in a file."""

import subprocess
import sys

import pytest
from reaching import line
from running import HERE

pytest_plugins = ["reaching"]
pytestmark = pytest.mark.usefixtures("quick")

PRIVATE = "s3cr3t-word"
BINARY = b"\x80\x81" + PRIVATE.encode() + b"\x00\xff"
# Each breaks another of flytekit's ways to read a file.
BROKEN = {
    "config.yaml": [
        *(f"admin: [{PRIVATE}".encode(), f"{PRIVATE}: : :\n\t- x".encode(), b"just words", b"- a\n- b\n", b"", BINARY)
    ],
    "config": [f"{PRIVATE}\n".encode(), f"admin:\n  clientSecret: {PRIVATE}\n".encode(), b"[internal]\n", b"", BINARY],
}
FILES = [(name, content) for name, contents in BROKEN.items() for content in contents]


@pytest.fixture
def configured(service, monkeypatch, tmp_path):
    """Names a configuration by FLYTECTL_CONFIG, and nothing else."""
    monkeypatch.delenv("FLYTE_PLATFORM_URL")
    monkeypatch.delenv("FLYTE_PLATFORM_INSECURE")

    def configured(content, name="config.yaml"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.setenv("FLYTECTL_CONFIG", str(file))
        return file

    return configured


def command(verb, *words, out):
    """A command of the runner, for the example."""
    start = [sys.executable, "-m", "runner", verb, str(HERE / "example"), str(out), "{}", *words]
    return subprocess.run(start, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(("name", "content"), FILES)
def test_a_file_that_is_no_configuration(configured, name, content):
    file = configured(content, name)
    told = line()
    assert told.startswith(f"the configuration {file} names no cluster: ")
    assert PRIVATE not in told


def test_a_folder(configured, tmp_path, monkeypatch):
    monkeypatch.setenv("FLYTECTL_CONFIG", str(tmp_path))
    assert line() == f"the configuration {tmp_path} names no cluster: it is not a file"
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    monkeypatch.setenv("FLYTECTL_CONFIG", str(folder))
    assert line() == f"the configuration {folder} names no cluster: it cannot be read: Is a directory"


def test_an_invalid_value_is_not_quoted(configured):
    file = configured(f"[platform]\nurl = localhost:9\ninsecure = {PRIVATE}\n", "config")
    told = line()
    assert told.startswith(f"the configuration {file} has an invalid value")
    assert PRIVATE not in told


@pytest.mark.parametrize("address", ["https://user:s3cr3t-word@cluster.invalid:81/console", "dns:///https://x.invalid"])
def test_an_endpoint_with_the_scheme_of_a_page(configured, address):
    configured(f"admin:\n  endpoint: {address}\n")
    host = "x.invalid" if "x.invalid" in address else "cluster.invalid:81"
    assert line() == f"the endpoint of the cluster must not start with https://; write dns:///{host}"


@pytest.mark.parametrize(
    ("option", "what", "lacks", "contents"),
    [
        ("caCertFilePath", "CA file", "has no certificate in PEM format", (b"", BINARY, PRIVATE.encode())),
        ("clientSecretLocation", "client secret file", "is not a text file", (BINARY,)),
    ],
)
def test_a_file_that_the_configuration_names_is_none(configured, tmp_path, option, what, lacks, contents):
    def told(file):
        configured(f"admin:\n  endpoint: dns:///localhost:9\n  clientId: me\n  {option}: {file}\n")
        return line()

    check, file = f"check admin.{option} in the configuration", tmp_path / "file"
    assert told(file).startswith(f"the {what} {file} cannot be read: No such file or directory; {check}")
    assert told(tmp_path).startswith(f"the {what} {tmp_path} cannot be read: Is a directory; {check}")
    for content in contents:
        file.write_bytes(content)
        assert (found := told(file)).startswith(f"the {what} {file} {lacks}; {check}")
        assert PRIVATE not in found


def test_an_unknown_way_to_log_in(configured):
    configured("admin:\n  endpoint: dns:///localhost:9\n  authType: Passport\n")
    assert "Unknown authentication type 'Passport'" in line()


@pytest.mark.parametrize(("name", "content"), [("config", BINARY), ("config.yaml", f"admin: [{PRIVATE}".encode())])
def test_in_the_home_folder_only_commands_for_a_cluster_read_it(configured, monkeypatch, tmp_path, name, content):
    monkeypatch.delenv("FLYTECTL_CONFIG", raising=False)
    home = tmp_path / ".flyte"
    home.mkdir()
    (home / name).write_bytes(content)
    done = command("cluster-register", out=tmp_path / "out")
    assert done.returncode == 2
    (told,) = done.stderr.splitlines()
    assert told.startswith("make register: the configuration ")
    assert " names no cluster: " in told
    assert PRIVATE not in told + done.stdout
    done = command("run", "--name", "Gentoo", out=tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "greeting: Hello, Gentoo!" in done.stdout


def test_a_proxy_on_the_way_is_named_but_not_its_password(service, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://user:{PRIVATE}@localhost:9")
    told = line()
    assert told.startswith(
        f"the cluster at {service.endpoint} was not reached through the proxy that http_proxy names; "
        "if the cluster needs no proxy: export no_proxy=localhost; else check the proxy ("
    )
    assert PRIVATE not in told
    monkeypatch.setenv("http_proxy", f"http://user:{PRIVATE}@proxy.invalid:9")
    told = line()
    assert "the proxy that http_proxy names" in told
    assert PRIVATE not in told


@pytest.mark.parametrize("exceptions", ["localhost", "example.org, LOCALHOST", "host"])
def test_a_proxy_with_an_exception_for_the_cluster_is_not_blamed(service, monkeypatch, exceptions):
    monkeypatch.setenv("http_proxy", "http://localhost:9")
    monkeypatch.setenv("no_proxy", exceptions)
    endpoint = "localhost:9"
    monkeypatch.setenv("FLYTE_PLATFORM_URL", endpoint)
    assert line().startswith(f"the cluster at {endpoint} was not reached: nothing listens there")
