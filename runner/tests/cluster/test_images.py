"""A missing image is reported while the task waits for it, not when Flyte gives up after three minutes."""

import http.server
import re
import threading

import pytest
from admin import plays
from commands import cluster

from runner.cluster.connection import Cluster
from runner.cluster.images import is_missing
from runner.cluster.register import register

__all__ = ["cluster"]  # a fixture


@pytest.fixture
def registry():
    """A registry that has the image `there`, and asks for a login for `private`; gives its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            found = re.fullmatch(r"/v2/(\S+)/manifests/(\S+)", self.path)
            statuses = {("lessons/there", "1"): 200, ("lessons/there", "sha256:ab"): 200, ("private", "latest"): 401}
            accepted = "application/vnd.oci.image.index.v1+json" in self.headers["Accept"]
            self.send_response(statuses.get(found.groups(), 404) if accepted else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("image", "missing"),
    [
        ("lessons/there:1", False),
        ("lessons/there@sha256:ab", False),
        ("lessons/there:1@sha256:ab", False),
        ("lessons/there:2", True),
        ("nowhere", True),
        ("private", False),
    ],
)
def test_only_a_plain_no_of_the_registry_counts(registry, image, missing):
    assert is_missing(f"{registry}/{image}") == missing


@pytest.mark.parametrize("image", ["localhost:9/x:1", "python:3.11", "library/python", ""])
def test_a_registry_that_is_not_reached_or_not_named_says_nothing(image):
    assert not is_missing(image)


def test_a_run_says_at_once_which_image_is_not_there(service, cluster, lesson, registry):
    images = {"default": f"{registry}/no-such-image:1"}
    register(Cluster.in_hand(), lesson, images, "v2")
    service.admin.plays = lambda nodes: plays.hanging("n0")
    done = cluster("run", version="v2", WAIT="0.02")
    lines = [line for line in done.stdout.splitlines() if line.startswith("  n0")]
    assert [re.sub(r"\s+", " ", line) for line in lines] == [f" n0 greet cannot pull {images['default']}: not found"]
