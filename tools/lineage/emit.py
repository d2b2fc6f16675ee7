"""Prints the lineage of a run, and writes it as events: python -m tools.lineage LESSON OUT SOURCE RUN WHAT

Writes OpenLineage events to openlineage.ndjson in the run's folder, one a line. WHAT is `send` if they are to be sent
too, to where destination.py says, else `write`. SOURCE is the repository's address or empty, RUN the run's name or
empty for the newest.

Exit status: 0, 1 when something stored is not as the run left it or the events were not all taken, 2 when there is
nothing to print, or nowhere to send it.
"""

from pathlib import Path

from openlineage.client.event_v2 import RunEvent
from openlineage.client.transport.file import FileConfig, FileTransport

from runner.records.find import NoLineage, chosen, is_newest
from runner.records.lineage import Lineage
from tools.core.errors import Stop
from tools.core.files import whole
from tools.core.reporting import say
from tools.lineage.destination import Refused, destination
from tools.lineage.events import Events

FILE = "openlineage.ndjson"


def write(events: list[RunEvent], file: Path) -> None:
    """Writes events to a file, all or none."""
    with whole(file) as partial:
        partial.unlink(missing_ok=True)
        transport = FileTransport(FileConfig(log_file_path=str(partial), append=True))
        for event in events:
            transport.emit(event)


def main(lesson: str, out: str, source: str, name: str, what: str) -> int:
    """Does it; returns the exit status."""
    to = destination() if what == "send" else None
    try:
        folder, record = chosen(lesson, Path(out), name)
        lineage = Lineage(folder, record)
        events = Events(record, source).all()
    except NoLineage as problem:
        raise Stop(str(problem)) from None
    file = folder / FILE
    write(events, file)
    print("\n".join([*lineage.lines, f"OpenLineage, {len(events)} events: {file.as_uri()}"]))
    if to:
        again = f"make lineage PROJECT={lesson} RUN={record.run} EMIT=1"
        try:
            to.send(events)
        except Refused as problem:
            say(f"make lineage: {problem}; send them again: {again}")
            return 1
        print(f"OpenLineage, {len(events)} events sent: {to.name}")
        if not is_newest(folder):
            print(
                f"run {record.run} is not the newest: its data is now the current data on the server; "
                f"send the newest again: make lineage PROJECT={lesson} EMIT=1"
            )
    elif what == "send":
        print("OpenLineage, no events sent: OPENLINEAGE_DISABLED is set")
    return 1 if lineage.changed else 0
