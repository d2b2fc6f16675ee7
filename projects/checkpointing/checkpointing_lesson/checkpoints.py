"""Checkpoints that can be trusted, by Flyte's interface: whole or not at all, checked, and never code.

Flyte gives every attempt of a task a folder of its own to write checkpoints to, and the folder of the
attempt before to read from. What it leaves to the task is in here.
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
    """A checkpoint that is not what was written."""


class Saver:
    """Writes the checkpoints of one attempt, for the next one to read.

    An upload that is interrupted can leave half a file. So two files take turns: until the new one is whole,
    the one before it is there. Only the first upload has none before it, as the attempt's folder is empty.
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
                # To Flyte it is fatal when the task itself uploads. But the next attempt can use what is there.
                raise FlyteRecoverableException(f"a checkpoint could not be written: {problem}") from problem
        self.uploads += 1


def restore() -> State | None:
    """Reads the newest whole checkpoint of the attempt before; None if there is none, and training starts over."""
    try:
        folder = current_context().checkpoint.restore()
    except FlyteDataNotFoundException:
        # There was an attempt, but it died before it wrote any checkpoint.
        folder = None
    states = []
    for file in sorted(folder.iterdir()) if folder else []:
        try:
            states.append(unpacked(file.read_bytes()))
        except Damaged as problem:
            print(f"{file.name} of the attempt before is damaged, it is not used: {problem}", flush=True)
    return max(states, key=lambda state: state.next_epoch, default=None)


def packed(state: State) -> bytes:
    """A state as bytes: a checksum, then arrays as NumPy stores them. Pickle could run code when it is read."""
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
    """The state in what `packed` made; raises Damaged for anything else, be it one bit that is missing or different."""
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
