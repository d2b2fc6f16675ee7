"""What a registry's or docker's words mean, and what is the same in two images; registry_tests/ has real registries."""

import re

import pytest

from tools.images import fingerprint, naming, registry, selection
from tools.tiers import suites

REFERENCE = "registry.example:5000/team/flyte-basics:0123456789ab"
CONFIG = {"User": "1000", "Env": ["A=1"], "Labels": {"a": "b", "c": "d"}, "WorkingDir": "/app"}


PUT = 'failed to do request: Put "https://x/v2/a/blobs/uploads/1?_state=500401EOF403": '
STATUS = "unexpected status from PUT request to https://x/?_state=401: "
BROKEN = "it failed or closed the connection; its disk may be full"
SILENT = "it does not answer; is it running?"


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("authorization failed: no basic auth credentials", "it does not let you in; log in: docker login"),
        ("unexpected status from POST request to https://x/v2/: 403 Forbidden", "it does not let you in"),
        ("denied: requested access to the resource is denied", "it does not let you in"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "it speaks TLS with"),
        (f"{PUT}remote error: tls: handshake failure", "it speaks TLS with"),
        ("http: server gave HTTP response to HTTPS client", "it speaks plain HTTP"),
        (f"{STATUS}507 Insufficient Storage", BROKEN),
        ("write /var/lib/registry/data: no space left on device", BROKEN),
    ],
)
def test_a_registry_that_refuses_is_one_line_with_the_next_step(words, meaning):
    assert_told(words, meaning, registry.Stop)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        # net and system calls
        (f"{PUT}readfrom tcp 127.0.0.1:1->127.0.0.1:5: use of closed network connection", BROKEN),
        (f"{PUT}write tcp 127.0.0.1:1->127.0.0.1:5: write: broken pipe", BROKEN),
        (f"{PUT}read tcp 127.0.0.1:1->127.0.0.1:5: read: connection reset by peer", BROKEN),
        (f"{PUT}read: software caused connection abort", BROKEN),
        (f"{PUT}write: transport endpoint is not connected", BROKEN),
        ("failed to copy: io: read/write on closed pipe", BROKEN),
        ('Head "https://x/v2/": dial tcp 127.0.0.1:5: connect: connection refused', SILENT),
        ("dial tcp 10.0.0.1:443: connect: no route to host", SILENT),
        ("dial tcp 10.0.0.1:443: connect: network is unreachable", SILENT),
        ("dial tcp 10.0.0.1:443: connect: connection timed out", SILENT),
        ("dial tcp 10.0.0.1:443: i/o timeout", SILENT),
        ("dial tcp: lookup registry.example: no such host", SILENT),
        ("dial tcp: lookup registry.example on 10.0.0.2:53: server misbehaving", SILENT),
        ("dial tcp: lookup registry.example: Temporary failure in name resolution", SILENT),
        # net/http, http2 and crypto/tls
        (f"{PUT}EOF", BROKEN),
        ("EOF", BROKEN),
        (f"{PUT}unexpected EOF", BROKEN),
        (f"{PUT}http: server closed idle connection", BROKEN),
        (f"{PUT}http: can't write HTTP request on broken connection", BROKEN),
        (f"{PUT}http: ContentLength=9 with Body length 5", BROKEN),
        (f"{PUT}net/http: HTTP/1.x transport connection broken: malformed response", BROKEN),
        (f"{PUT}http2: server sent GOAWAY and closed the connection; LastStreamID=9, ErrCode=NO_ERROR", BROKEN),
        (f"{PUT}http2: client connection lost", BROKEN),
        (f"{PUT}stream error: stream ID 5; INTERNAL_ERROR; received from peer", BROKEN),
        (f"{PUT}tls: protocol is shutdown", BROKEN),
        (f"{PUT}net/http: TLS handshake timeout", SILENT),
        (f"{PUT}net/http: timeout awaiting response headers", SILENT),
        (f"{PUT}context deadline exceeded (Client.Timeout exceeded while awaiting headers)", SILENT),
        # the registry, and a proxy in front of it
        (f"{STATUS}500 Internal Server Error", BROKEN),
        ("received unexpected HTTP status: 500 Internal Server Error", BROKEN),
        ("unknown: unknown error", BROKEN),
        ("blob upload unknown", BROKEN),
        (f"{STATUS}502 Bad Gateway", SILENT),
        ("error parsing HTTP 503 response body: invalid character '<' looking for beginning of value", SILENT),
        (f"{STATUS}504 Gateway Time-out", SILENT),
        (f"{STATUS}522 ", SILENT),
        ('Head "https://x/v2/": Bad Gateway', SILENT),
        (f"{STATUS}429 Too Many Requests", "it limits the number of requests"),
    ],
)
def test_a_failure_that_may_pass_is_known_in_every_wording(words, meaning):
    assert_told(words, meaning, registry.Transient)


def assert_told(words, meaning, kind):
    failure = registry.failure(REFERENCE, f"some progress\nERROR: {words}\n")
    assert type(failure) is kind
    assert str(failure).startswith(f"registry registry.example:5000: {meaning}")
    assert "\n" not in str(failure)
    assert "_state" not in str(failure)


def test_a_sandbox_that_is_not_up_is_named_with_the_command_that_starts_it():
    line = str(registry.failure(f"{naming.SANDBOX}/a:1", "dial tcp [::1]:30000: connect: connection refused"))
    assert line.startswith(f"registry {naming.SANDBOX}: it does not answer; start a sandbox (make sandbox-up), or ")


def test_unknown_words_are_told_as_they_are():
    assert str(registry.failure(REFERENCE, "ERROR: teapot\n")) == "docker: teapot"
    assert str(registry.failure(REFERENCE, "")) == "docker: no word of why"


class Answers:
    """Requests of which each raises or returns the next of these."""

    def __init__(self, *answers: object):
        self.left = list(answers)

    def __call__(self) -> object:
        answer = self.left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_request_is_retried_while_the_failure_may_pass(capsys):
    failure = registry.failure(REFERENCE, "EOF")
    assert registry.retried(Answers(failure, failure, "pushed"), [0, 0]) == "pushed"
    retries = capsys.readouterr().err.splitlines()
    assert [line.endswith("; retrying in 0 s") for line in retries] == [True, True]


def test_a_request_that_still_fails_gives_up_in_one_line(stopped):
    failure = registry.failure(REFERENCE, "dial tcp 127.0.0.1:5: connect: connection refused")
    answers = Answers(failure, failure, failure, "too late")
    assert "gave up after 3 attempts" in stopped(registry.retried, answers, [0, 0])


def test_a_refusal_is_not_retried(capsys, stopped):
    refused = registry.failure(REFERENCE, "unauthorized")
    assert "docker login" in stopped(registry.retried, Answers(refused, "let in"))
    assert capsys.readouterr().err == ""


def test_the_same_image_in_the_engine_and_in_a_registry_has_one_content():
    image = {"os": "linux", "architecture": "amd64", "config": CONFIG, "rootfs": {"diff_ids": ["sha256:1", "sha256:2"]}}
    # As the engine prints it: with fields that are empty, and more of them.
    here = fingerprint.content(CONFIG | {"Cmd": None, "Entrypoint": None, "Tty": False}, ["sha256:1", "sha256:2"])
    assert fingerprint.published(image) == {"linux/amd64": here}


def test_an_image_of_several_platforms_has_a_content_for_each():
    parts = {
        f"linux/{architecture}": {"config": CONFIG, "rootfs": {"diff_ids": [f"sha256:{architecture}"]}}
        for architecture in ("amd64", "arm64")
    }
    # What is attested of an image is not for a platform.
    assert fingerprint.published({**parts, "unknown/unknown": {}}) == {
        platform: fingerprint.content(CONFIG, part["rootfs"]["diff_ids"]) for platform, part in parts.items()
    }


@pytest.mark.parametrize("change", [{"User": "0"}, {"Env": ["A=2"]}, {"Labels": {}}, {"Cmd": ["sh"]}])
def test_whatever_starts_differently_has_another_content(change):
    assert fingerprint.content(CONFIG | change, ["sha256:1"]) != fingerprint.content(CONFIG, ["sha256:1"])
    assert fingerprint.content(CONFIG, ["sha256:1"]) != fingerprint.content(CONFIG, ["sha256:2"])


def test_only_what_was_tested_is_taken_for_tested(monkeypatch, tmp_path):
    monkeypatch.setattr(fingerprint, "TESTED", tmp_path / "tested")
    fingerprint.remember_tested(["1" * 64])
    assert fingerprint.is_tested("1" * 64)
    assert not fingerprint.is_tested("2" * 64)
    assert not fingerprint.is_tested("")


@pytest.mark.parametrize("tag", ["0123456789ab-dirty", "0123456789ab-dirty-cuda", "unversioned"])
def test_files_without_a_revision_are_published_only_when_asked_for(tag, monkeypatch, stopped):
    monkeypatch.setattr(selection, "tag", lambda: tag)
    monkeypatch.delenv("DIRTY", raising=False)
    assert re.search(rf"under the tag {tag}, .*: DIRTY=1$", stopped(selection.is_revision))
    monkeypatch.setenv("DIRTY", "1")
    assert selection.is_revision() is False


def test_a_clean_tree_has_a_revision(monkeypatch):
    monkeypatch.setattr(selection, "tag", lambda: "0123456789ab-cuda")
    assert selection.is_revision() is True


def test_the_tests_of_publishing_need_a_registry(monkeypatch, stopped):
    monkeypatch.setattr(suites, "need_docker", lambda: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert stopped(suites.test_publish).startswith("docker-registry is not on PATH; install it (")
