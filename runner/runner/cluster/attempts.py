"""The attempts of a node's task as the cluster reports them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from flyteidl.admin.task_execution_pb2 import TaskExecution
from flyteidl.core.execution_pb2 import ExecutionError
from flyteidl.core.execution_pb2 import TaskExecution as Phases
from google.protobuf.timestamp_pb2 import Timestamp

from runner.cluster.phases import WAITING, name_of, phase_of_member, words
from runner.cluster.waiting import waits
from runner.records.attempts import SYSTEM

# Members of a map task that are named by their numbers.
MOST = 5


@dataclass(frozen=True)
class AttemptRun:
    """One attempt.

    Attributes:
        number: 0 for the first.
        status: the phase in words, SYSTEM if the system makes the next attempt, or why the attempt waits.
        waits: whether it has not begun.
        started: when, as ISO 8601 in UTC; empty if it has not begun.
        seconds: how long it ran; None if that is not known.
        error: why it failed; None if it has not, or if Flyte does not say.
        members: of a map task, how far it is.
        addresses: where its log is, and its inputs and outputs in the cluster's store.
    """

    number: int
    status: str
    waits: bool
    started: str
    seconds: float | None
    error: ExecutionError | None
    members: str
    addresses: dict[str, str]


def attempt_run(found: TaskExecution) -> AttemptRun:
    """An attempt from its task execution."""
    closure, phase = found.closure, name_of(Phases.Phase, found.closure.phase)
    error = closure.error if closure.HasField("error") else None
    status = words(phase)
    if phase in WAITING:
        status = waits(closure.reason)
    elif phase == "FAILED" and error and error.kind == ExecutionError.SYSTEM:
        status = SYSTEM
    addresses = {"inputs": found.input_uri, "outputs": closure.output_uri}
    addresses |= {"log": closure.logs[0].uri} if closure.logs else {}
    return AttemptRun(
        number=found.id.retry_attempt,
        status=status,
        waits=phase in WAITING,
        started=moment(closure.started_at) if closure.HasField("started_at") else "",
        seconds=closure.duration.ToTimedelta().total_seconds() if closure.HasField("duration") else None,
        error=error,
        members=in_words(closure.metadata.external_resources),
        addresses={name: url for name, url in addresses.items() if url},
    )


def moment(time: Timestamp) -> str:
    """A time as records have it."""
    return time.ToDatetime(UTC).isoformat(timespec="milliseconds")


def in_words(resources: Iterable) -> str:
    """How far the members of a map task are; those that failed by their numbers."""
    last = {member.index: member for member in sorted(resources, key=lambda member: member.retry_attempt)}
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for index, member in sorted(last.items()):
        numbers[phase_of_member(member.phase)].append(index)

    def counted(phase: str, members: list[int]) -> str:
        if phase != "failed":
            return f"{len(members)} {phase}"
        named = ", ".join(map(str, members[:MOST])) + (" …" if len(members) > MOST else "")
        return f"{len(members)} failed ({named})"

    return ", ".join(counted(phase, members) for phase, members in sorted(numbers.items()))
