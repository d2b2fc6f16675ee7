"""Where events are sent: what the configuration of the OpenLineage client names, or the address in OPENLINEAGE_URL.

The configuration is that of every OpenLineage client in Python: a file (OPENLINEAGE_CONFIG, openlineage.yml here or in
~/.openlineage), and variables that begin with OPENLINEAGE__. With OPENLINEAGE_URL count OPENLINEAGE_API_KEY and
OPENLINEAGE_ENDPOINT too.
"""

import logging
import os
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import RunEvent
from openlineage.client.transport import Transport, get_default_factory
from openlineage.client.transport.http import HttpConfig, HttpTransport
from openlineage.client.transport.noop import NoopConfig, NoopTransport

from tools.core.errors import Stop
from tools.core.secrets import check, hidden

EVENT_SECONDS, ALL_SECONDS = 5.0, 60.0  # how long a server may take for an event, and for a run's


class Refused(Exception):
    """Why the events were not all taken, in one line."""


@dataclass(frozen=True)
class Destination:
    """Where events go, and what it is called without a user and a password."""

    transport: Transport
    name: str

    def send(self, events: list[RunEvent]) -> None:
        """Sends events one after the other, and ends at the first that is not taken; raises Refused."""
        start = time.monotonic()
        for number, event in enumerate(events):
            try:
                if time.monotonic() - start > ALL_SECONDS:
                    raise TimeoutError(f"it is slower than {ALL_SECONDS:g} s for all")
                self.transport.emit(event)
            except Exception as error:  # each transport raises what it likes
                raise Refused(f"{self.name} took {number} of {len(events)} events: {reason(error)}") from None
        if not self.transport.close(ALL_SECONDS):
            raise Refused(f"{self.name} did not take all {len(events)} events in {ALL_SECONDS:g} s")


def destination() -> Destination | None:
    """Where events are to be sent; None if OPENLINEAGE_DISABLED says nowhere, Stop if nothing says where."""
    if os.environ.get("OPENLINEAGE_DISABLED", "").strip().lower() in ("true", "1"):
        return None
    check()
    try:
        config = configured()
        if kind := config.get("type"):
            return Destination(get_default_factory().create(config), address(config.get("url", "")) or kind)
    except Exception as error:  # as each transport likes
        words = " ".join(str(error).split())[:200]
        raise Stop(f"the configuration of the OpenLineage client is not valid: {words}") from None
    if url := os.environ.get("OPENLINEAGE_URL"):
        return Destination(server(url), address(url))
    raise Stop(
        "EMIT=1 needs an address to send events to; set OPENLINEAGE_URL=http://host:5000, or name a file with the "
        "configuration of the OpenLineage client in OPENLINEAGE_CONFIG"
    )


def configured() -> dict[str, Any]:
    """The transport in the configuration of the client; raises ValueError for a file that cannot be read.

    The client itself logs that, and goes on without the file.
    """
    problems: list[logging.LogRecord] = []
    log, handler = logging.getLogger("openlineage.client"), logging.Handler(logging.ERROR)
    handler.emit = problems.append
    log.addHandler(handler)
    log.propagate = False
    try:
        found = OpenLineageClient(transport=NoopTransport(NoopConfig())).config.transport
    finally:
        log.removeHandler(handler)
        log.propagate = True
    if problems:
        raise ValueError(problems[0].getMessage().rstrip(": "))
    return found or {}


def server(url: str) -> HttpTransport:
    """What sends events to a server, as the environment's OPENLINEAGE_ variables say."""
    options = {"url": url, "timeout": EVENT_SECONDS, "retry": {"total": 1, "connect": 1, "read": 0}}
    # One that was read from a file ends with a line.
    if key := os.environ.get("OPENLINEAGE_API_KEY", "").strip():
        if not (key.isascii() and key.isprintable()):
            raise Stop("OPENLINEAGE_API_KEY has a character that no header of HTTP may have; set the key alone")
        options["auth"] = {"type": "api_key", "apiKey": key}
    if endpoint := os.environ.get("OPENLINEAGE_ENDPOINT"):
        options["endpoint"] = endpoint
    try:
        if urlsplit(url).scheme in ("http", "https"):
            return HttpTransport(HttpConfig.from_dict(options))
    except ValueError:
        pass
    raise Stop("OPENLINEAGE_URL must be an address with http or https, such as http://host:5000")


def address(url: str) -> str:
    """A server's address without a user and a password; empty if there is none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if url else ""


def reason(error: Exception) -> str:
    """Why an event was not taken: what the server answered, or that it did not."""
    if (response := getattr(error, "response", None)) is not None:
        return f"it answered {response.status_code} {response.reason}"
    for words in ("Connection refused", "timed out", "Name or service not known"):
        if words in str(error):
            return words.lower()
    return hidden(" ".join(str(error).split()))[:200]
