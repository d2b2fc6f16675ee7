"""Prints the lineage of a run, and emits it: python -m tools.lineage LESSON OUT SOURCE RUN WHAT

Writes OpenLineage events to openlineage.ndjson in the run's folder, one a line. With OPENLINEAGE_URL set they are sent
there too; OPENLINEAGE_API_KEY, OPENLINEAGE_ENDPOINT and OPENLINEAGE_NAMESPACE count as for every OpenLineage client.
OPENLINEAGE_DISABLED keeps the events on this machine.

SOURCE is the repository's address or empty, RUN the run's name or empty for the newest, WHAT is `told` if the lineage
is to be printed too, else `quiet`.

Exit status: 0, 1 when something stored is not as the run left it or a server did not take the events, 2 when there
is nothing to tell.
"""

import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from openlineage.client.event_v2 import RunEvent
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport
from requests import RequestException

from runner.records.find import NoLineage, chosen
from runner.records.lineage import Lineage
from tools.core.errors import Stop
from tools.core.files import whole
from tools.core.secrets import check, hidden
from tools.core.variables import is_disabled
from tools.lineage.events import Events

FILE = "openlineage.ndjson"
EVENT_SECONDS, ALL_SECONDS = 5.0, 60.0  # how long a server may take for an event, and for a run's


class Refused(Exception):
    """Why a server did not take the events, in one line."""


def write(events: list[RunEvent], file: Path) -> None:
    """Writes events to a file, all or none."""
    with whole(file) as partial:
        partial.unlink(missing_ok=True)
        transport = FileTransport(FileConfig(log_file_path=str(partial), append=True))
        for event in events:
            transport.emit(event)


def server(url: str) -> HttpTransport:
    """What sends events to a server, as the environment's OPENLINEAGE_ variables say; raises Refused."""
    options = {"url": url, "timeout": EVENT_SECONDS, "retry": {"total": 1, "connect": 1, "read": 0}}
    # One that was read from a file ends with a line.
    if key := os.environ.get("OPENLINEAGE_API_KEY", "").strip():
        if not (key.isascii() and key.isprintable()):
            raise Refused("OPENLINEAGE_API_KEY has a character that no header of HTTP may have; set the key alone")
        options["auth"] = {"type": "api_key", "apiKey": key}
    if endpoint := os.environ.get("OPENLINEAGE_ENDPOINT"):
        options["endpoint"] = endpoint
    try:
        return HttpTransport(HttpConfig.from_dict(options))
    except ValueError:
        raise Refused("OPENLINEAGE_URL is no address; write OPENLINEAGE_URL=http://host:5000") from None


def send(events: list[RunEvent], url: str) -> None:
    """Sends events to a server one after the other, and ends at the first that it does not take; raises Refused."""
    try:
        check()
    except Stop as stop:
        raise Refused(str(stop)) from None
    transport = server(url)
    start = time.monotonic()
    for number, event in enumerate(events):
        try:
            if time.monotonic() - start > ALL_SECONDS:
                raise TimeoutError(f"it is slower than {ALL_SECONDS:g} s for all")
            transport.emit(event)
        except (RequestException, OSError) as error:
            where, why = address(url), reason(error)
            raise Refused(
                f"{where} took {number} of {len(events)} events: {why}; send them again: make lineage"
            ) from None
    transport.close()


def address(url: str) -> str:
    """A server's address without a user and a password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def reason(error: Exception) -> str:
    """Why an event was not taken: what the server answered, or that it did not."""
    if (response := getattr(error, "response", None)) is not None:
        return f"it answered {response.status_code} {response.reason}"
    for words in ("Connection refused", "timed out", "Name or service not known"):
        if words in str(error):
            return words.lower()
    return hidden(" ".join(str(error).split()))[:200]


def say(text: str) -> None:
    """Prints; whoever reads, `head` for example, may have seen enough."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(lesson: str, out: str, source: str, name: str, what: str) -> int:
    """Does it; returns the exit status."""
    try:
        folder, record = chosen(lesson, Path(out), name)
        lineage = Lineage(folder, record) if what == "told" else None
        events = Events(record, source).all()
    except NoLineage as problem:
        print(f"make lineage: {problem}", file=sys.stderr)
        return 2
    file = folder / FILE
    write(events, file)
    if lineage:
        say("\n".join([*lineage.lines, f"OpenLineage, {len(events)} events: {file.as_uri()}"]))
    status = 1 if lineage and lineage.changed else 0
    if not (url := os.environ.get("OPENLINEAGE_URL")) or is_disabled():
        return status
    try:
        send(events, url)
    except Refused as problem:
        print(f"make lineage: {hidden(str(problem))} (the events are kept in {file})", file=sys.stderr)
        return 1
    say(f"OpenLineage, {len(events)} events sent: {address(url)}")
    return status
