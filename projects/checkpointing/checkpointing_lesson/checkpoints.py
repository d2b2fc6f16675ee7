"""Reliable checkpoints with Flyte's interface: complete or absent, verified, and never code.

Flyte gives every attempt of a task a folder for its checkpoints, and read access to the folder of the previous
attempt. This file contains the part that Flyte leaves to the task.
"""

import io
import json
import tempfile
from hashlib import sha256
from pathlib import Path

import numpy as np
from flytekit import current_context
from flytekit.exceptions.system import FlyteUploadDataException
from flytekit.exceptions.user import FlyteDataNotFoundException, FlyteRecoverableException

from checkpointing_lesson.training import State

DIGEST_BYTES = 32


class Damaged(Exception):
    """The content of a checkpoint differs from what an attempt wrote."""


class Saver:
    """Writes the checkpoints of one attempt, for the next one to read.

    An interrupted upload can leave half a file. Therefore the uploads alternate between two files: until the new
    file is complete, the previous one exists. Only the first upload has no previous file in the attempt's folder.
    """

    def __init__(self) -> None:
        self.uploads = 0

    def __call__(self, state: State) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, f"checkpoint-{self.uploads % 2}")
            file.write_bytes(packed(state))
            try:
                current_context().checkpoint.save(file)
            except FlyteUploadDataException as problem:
                # Flyte treats this error in a task's code as fatal, but the next attempt can use the older checkpoint.
                raise FlyteRecoverableException(f"a checkpoint could not be written: {problem}") from problem
        self.uploads += 1


def restore() -> State | None:
    """Returns the newest intact checkpoint of the previous attempt; None if there is none."""
    try:
        folder = current_context().checkpoint.restore()
    except FlyteDataNotFoundException:
        # The previous attempt died before it wrote a checkpoint.
        folder = None
    states = []
    for file in sorted(folder.iterdir()) if folder else []:
        try:
            states.append(unpacked(file.read_bytes()))
        except Damaged as problem:
            print(f"{file.name} of the attempt before is damaged, it is not used: {problem}", flush=True)
    return max(states, key=lambda state: state.next_epoch, default=None)


def packed(state: State) -> bytes:
    """Returns a state as bytes: a checksum, then arrays in NumPy's format. Reading a pickle could run code."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        weights=state.weights,
        velocity=state.velocity,
        trained_by=np.array(state.trained_by, dtype=int),
        generator=np.array(json.dumps(state.generator.bit_generator.state)),
    )
    return sha256(buffer.getvalue()).digest() + buffer.getvalue()


def unpacked(data: bytes) -> State:
    """Returns the state in the bytes from `packed`. Raises Damaged if the bytes differ in even one bit."""
    digest, content = data[:DIGEST_BYTES], data[DIGEST_BYTES:]
    if sha256(content).digest() != digest:
        raise Damaged(f"the checksum does not fit its {len(data)} bytes")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            generator = np.random.default_rng()
            generator.bit_generator.state = json.loads(str(arrays["generator"]))
            return State(arrays["weights"], arrays["velocity"], generator, arrays["trained_by"].tolist())
    except (KeyError, ValueError) as problem:
        raise Damaged(f"it holds something else: {problem}") from problem
