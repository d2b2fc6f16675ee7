"""Results of cached tasks on this machine, found by the rules of a cluster.

The key of a result is the task's name, its cache version, its types and its inputs. Of stored data the key holds the
address, unless the type brings a hash: then it holds the hash. So a task whose body was changed is served the old
result, one whose types were changed is not, and each member of a map task has a result of its own.

Only a task's outputs lie here, and of data frames, files and models only the address. The data itself stays in the
folder of the run that computed it. As on a cluster, a result whose data was deleted is still a hit, and the task
that reads it fails.
"""

import base64
import contextlib
import fcntl
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from flyteidl.core.interface_pb2 import TypedInterface
from flyteidl.core.literals_pb2 import Literal, LiteralMap
from google.protobuf.message import DecodeError

from runner.errors import Stop
from runner.harness.attempts import first_attempt, keep_attempt, keep_inputs
from runner.harness.calls import CACHED, Attempt, Call, literals_in, models, seconds_of, write_message
from runner.records.data import stored
from runner.records.errors import spared
from runner.records.facts import of_facts
from runner.records.files import write_atomically
from runner.records.literals import data_of
from runner.records.record import timestamp

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Result:
    """A result in the cache: the outputs, how long they took, and the run and the task in it that computed them.

    `outputs` is a literal map in base 64.
    """

    outputs: str
    seconds: float
    run: str
    task: str

    def literals(self) -> LiteralMap:
        return LiteralMap.FromString(base64.b64decode(self.outputs))


class Cache:
    """The cached results of a lesson, a file each; several runs may use them at a time."""

    def __init__(self, folder: Path):
        self.folder = folder

    def result(self, key: str) -> Result | None:
        """A result by its key; None if there is none, or only a damaged one."""
        try:
            found = of_facts(Result, json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8")))
            found.literals()
        except (FileNotFoundError, ValueError, TypeError, RecursionError, DecodeError):
            return None
        return found

    def keep(self, key: str, call: Call, outputs: LiteralMap) -> None:
        """Keeps the outputs of a call that has just been computed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        packed = base64.b64encode(outputs.SerializeToString()).decode()
        result = Result(packed, seconds_of(call.folder), call.run.name, call.node)
        write_atomically(self.folder / f"{key}.json", json.dumps(asdict(result)))

    @contextlib.contextmanager
    def reserved(self, key: str, aborted: Callable[[], bool]) -> Iterator[None]:
        """Lets one call at a time compute a result; equal ones wait, in whatever run they are."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / f"{key}.lock", "w") as file:
            while not aborted():
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(POLL_SECONDS)
            yield


def through(
    cache: Cache | None,
    call: Call,
    inputs: LiteralMap,
    aborted: Callable[[], bool],
    report: Callable[[Attempt], None],
    compute: Callable[[], LiteralMap],
) -> LiteralMap:
    """The outputs of a call: from the cache, or by `compute` and then kept there.

    Attempts of an earlier walk are gone on with, so that only a call without any is looked up.
    """
    metadata = call.task.metadata
    is_new = len(list(call.folder.glob("attempt-*"))) == first_attempt(call.folder)
    if cache is None or not metadata.discoverable:
        return compute()
    start, key = time.perf_counter(), key_of(call, call.own(inputs))
    with cache.reserved(key, aborted) if metadata.cache_serializable else contextlib.nullcontext():
        result = cache.result(key)
        if result and is_new:
            return served(call, inputs, result, start, report)
        outputs = compute()
        if not result:
            with spared(f"the result of task {call.name} ({call.node}) in the cache"):
                cache.keep(key, call, outputs)
        return outputs


def served(
    call: Call, inputs: LiteralMap, result: Result, start: float, report: Callable[[Attempt], None]
) -> LiteralMap:
    """The outputs of a result in the cache, noted as an attempt of the call that found them."""
    number = len(list(call.folder.glob("attempt-*")))
    folder = call.folder / f"attempt-{number}"
    outputs = result.literals()
    keep_inputs(call.folder / "inputs.pb", inputs, kept=not call.handles_failure)
    write_message(folder / "task.pb", call.task)
    write_message(folder / "outputs.pb", outputs)
    attempt = Attempt(
        node=call.node,
        task=call.name,
        number=number,
        outcome=CACHED,
        seconds=time.perf_counter() - start,
        started=timestamp(),
        read=data_of(models(call.own(inputs)), call.run),
        written=data_of(literals_in(folder / "outputs.pb"), call.run),
        computed_seconds=result.seconds,
        computed_by=result.run,
        computed_as=result.task,
    )
    with spared(f"the cached result of task {call.name} ({call.node})"):
        keep_attempt(folder, attempt)
    report(attempt)
    return outputs


def key_of(call: Call, inputs: LiteralMap) -> str:
    """The key of a call's result."""
    metadata, given = call.task.metadata, call.run / "nodes" / "inputs"
    digest = hashlib.sha256()
    for part in (call.task.id.name.encode(), metadata.discovery_version.encode(), *types_of(call.task.interface)):
        digest.update(part + b"\0")
    for name in sorted(inputs.literals):
        if name not in metadata.cache_ignore_input_vars:
            digest.update(f"{name}={identity(inputs.literals[name], given)}\0".encode())
    return digest.hexdigest()


def types_of(interface: TypedInterface) -> Iterator[bytes]:
    """Names and types of inputs and outputs; not their descriptions, which a docstring gives."""
    for variables in (interface.inputs.variables, interface.outputs.variables):
        for name in sorted(variables):
            yield name.encode()
            yield variables[name].type.SerializeToString(deterministic=True)


def identity(literal: Literal, given: Path) -> str:
    """What makes two literals the same input.

    `given` is where the run keeps its own inputs: of these the content counts, as a cluster's client uploads a file
    to an address that its content gives.
    """
    if literal.hash:
        return f"hash {literal.hash}"
    kind = literal.WhichOneof("value")
    if kind == "collection":
        return f"[{', '.join(identity(item, given) for item in literal.collection.literals)}]"
    if kind == "map":
        items = sorted(literal.map.literals.items())
        return f"{{{', '.join(f'{key!r}: {identity(item, given)}' for key, item in items)}}}"
    scalar = literal.scalar
    if scalar.WhichOneof("value") == "union":
        return f"{identity(scalar.union.value, given)} of {scalar.union.type.SerializeToString(deterministic=True)!r}"
    uri = next(
        (getattr(scalar, name).uri for name in ("blob", "structured_dataset", "schema") if scalar.HasField(name)), ""
    )
    if uri.startswith(f"{given}/"):
        return f"content {stored(uri, given).sha256}"
    return repr(scalar.SerializeToString(deterministic=True))


def forget(folder: Path) -> str:
    """Empties the cache in `folder`, and returns what was done in words; a run that is at work goes on."""
    count = 0
    if folder.is_symlink():
        raise Stop(f"{folder} leads to {folder.resolve()}, which is not emptied; delete the link")
    for entry in folder.iterdir() if folder.is_dir() else ():
        if not entry.is_dir():  # the cache makes no folders
            count += entry.suffix == ".json"
            entry.unlink(missing_ok=True)
    return f"{count} cached results forgotten"
