"""A push that is cut off leaves no half image; a registry that does not take one is reported in one line."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tools.registry_tests.conftest import LESSON, TLS, own_address


def publish(checkout, registry) -> subprocess.Popen:
    """Starts `make publish` in a process group of its own."""
    return subprocess.Popen(
        ["make", "publish", f"PROJECT={LESSON}"],
        cwd=checkout.folder,
        env=checkout.environment(REGISTRY=registry.name),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def stored(registry, name: str) -> dict[Path, int]:
    """The sizes of the registry's files of that name, such as data; files that go meanwhile are left out."""
    found = [Path(folder) / name for folder, _, files in os.walk(registry.storage) if name in files]
    return {file: file.stat().st_size for file in found if file.exists()}


def hold_in_the_middle(process: subprocess.Popen, registry) -> None:
    """Stops the registry when a layer has begun to arrive: however fast this machine is, the push has not ended.

    Not while it writes a link: killed then, it answers 500 for that layer whenever it is asked.
    """
    while process.poll() is None:
        registry.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, registry.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        arriving = [size for file, size in stored(registry, "data").items() if "_uploads" in file.parts]
        if any(arriving) and all(stored(registry, "link").values()):
            return
        registry.process.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    raise AssertionError(process.stderr.read())


def settled(registry) -> bool:
    """Waits until nothing arrives any more."""
    before = None
    for _ in range(60):
        now = stored(registry, "data")
        if now == before:
            return True
        before = now
        time.sleep(1)
    return False


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_a_push_that_is_cut_off_leaves_no_tag_and_the_next_one_ends_it(name, checkout, other):
    registry = other()
    process = publish(checkout, registry)
    hold_in_the_middle(process, registry)
    os.killpg(process.pid, getattr(signal, name))
    process.communicate()
    assert process.returncode != 0
    time.sleep(1)
    registry.process.send_signal(signal.SIGCONT)
    assert settled(registry)
    assert registry.tags(LESSON) == []
    again = checkout.make("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
    assert (again.returncode, again.stderr) == (0, "")
    assert registry.tags(LESSON) == [checkout.tag]


def test_a_registry_that_comes_back_gets_the_rest_of_the_push(checkout, other):
    registry = other()
    process = publish(checkout, registry)
    hold_in_the_middle(process, registry)
    registry.stop()
    assert "retrying in " in process.stderr.readline()
    registry.start()
    _, retries = process.communicate()
    assert process.returncode == 0, retries
    assert all("retrying in " in line for line in retries.splitlines())
    assert registry.tags(LESSON) == [checkout.tag]


def test_a_registry_that_dies_in_the_middle(checkout, other):
    registry = other()
    process = publish(checkout, registry)
    hold_in_the_middle(process, registry)
    registry.stop()
    _, told = process.communicate()
    assert process.returncode == 2
    *retries, line, of_make = told.splitlines()
    assert retries
    assert all("retrying in " in retry for retry in retries)
    assert line.startswith(f"make publish: registry {registry.name}: it does not answer; is it running? (docker: ")
    assert "gave up after " in line
    assert of_make.startswith("make: *** ")
    registry.start()
    assert registry.tags(LESSON) == []
    again = checkout.make("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
    assert (again.returncode, again.stderr) == (0, "")


def test_a_registry_that_is_down(checkout, other):
    registry = other()
    registry.stop()
    line = checkout.stopped("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
    assert line.startswith(f"make publish: registry {registry.name}: it does not answer; is it running? (docker: ")


def test_a_registry_that_asks_who_is_there(checkout, other, tmp_path):
    users = tmp_path / "htpasswd"
    # user and p, hashed by bcrypt.
    users.write_text("user:$2b$04$VZ.rPn03OnJGWK5QNlPzxuCfgj.x5mL6n7pALrOiZEZHF0wIB5Xhm\n")
    registry = other(options={"auth": {"htpasswd": {"realm": "lessons", "path": str(users)}}})
    # The user's own docker configuration stays as it is; its plugins are needed.
    config = tmp_path / "docker"
    config.mkdir()
    own = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "cli-plugins"
    if own.exists():
        (config / "cli-plugins").symlink_to(own)
    variables = {"REGISTRY": registry.name, "DOCKER_CONFIG": str(config)}
    line = checkout.stopped("publish", f"PROJECT={LESSON}", **variables)
    assert line.startswith(f"make publish: registry {registry.name}: it does not let you in; log in: docker login ")
    login = ["docker", "login", "--username", "user", "--password-stdin", registry.name]
    environment = os.environ | {"DOCKER_CONFIG": str(config)}
    subprocess.run(login, input="p", text=True, check=True, capture_output=True, env=environment)
    answer = checkout.make("publish", f"PROJECT={LESSON}", **variables)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_registry_with_a_certificate_that_nobody_trusts(checkout, other, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [*TLS, "-keyout", key, "-out", certificate, "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(command, check=True, capture_output=True)
    registry = other()
    registry.stop()
    http = {"addr": f":{registry.port}", "tls": {"certificate": str(certificate), "key": str(key)}}
    registry.options = {"http": http}
    registry.start()
    line = checkout.stopped("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
    assert line.startswith(f"make publish: registry {registry.name}: it speaks TLS with a certificate or a name ")


def test_a_registry_that_speaks_plain_http(checkout, other):
    registry = other(address=own_address())
    line = checkout.stopped("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
    assert line.startswith(f"make publish: registry {registry.name}: it speaks plain HTTP; add it to insecure-")


def test_a_registry_with_a_full_disk(checkout, other):
    script = 'mount -t tmpfs -o size=1m tmpfs "$0/storage" && exec "$@"'
    wrapper = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
    registry = other()
    registry.stop()
    registry.wrapper = (*wrapper, str(registry.folder))
    registry.start()
    answer = checkout.make("publish", f"PROJECT={LESSON}", REGISTRY=registry.name)
    assert answer.returncode == 2
    *retries, line, _ = answer.stderr.splitlines()
    assert all("its disk may be full" in retry for retry in retries)
    assert line.startswith(f"make publish: registry {registry.name}: ")
    assert "its disk may be full" in line
    assert registry.tags(LESSON) == []
