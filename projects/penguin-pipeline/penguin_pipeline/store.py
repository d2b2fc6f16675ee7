"""The store: a folder, or an address in an object store, that outlives every run.

- in_use.json: which model is in use
- models/<hash>.npz: every model that was promoted
- decisions/<time>.json: the model card of a night, with the decision
- failures/<night>.txt: what happened in a night that failed
"""

import json
from hashlib import sha256
from pathlib import Path

import fsspec
from flytekit import FlyteContextManager


class Store:
    """Files at an address. Without an address, the files are in the memory of the process, and end with the process."""

    def __init__(self, address: str):
        if address and "://" not in address and not Path(address).is_absolute():
            # Every task has a working folder of its own.
            raise ValueError(f"the store {address!r} is relative; write an absolute path, or an address such as s3://…")
        # Flyte's own access to files: on a cluster, it knows the object store and its credentials.
        access = FlyteContextManager.current_context().file_access
        self.files = access.get_filesystem_for_path(address) if address else fsspec.filesystem("memory")
        self.folder = self.files._strip_protocol(address)

    def write(self, name: str, content: bytes) -> None:
        """Writes a file; whoever reads it gets the old content or the new one."""
        with self.files.transaction, self.files.open(f"{self.folder}/{name}", "wb") as opened:
            opened.write(content)

    def read(self, name: str) -> bytes:
        """Raises FileNotFoundError if there is no such file."""
        return self.files.cat_file(f"{self.folder}/{name}")

    def model_in_use(self) -> bytes | None:
        """Returns the model in use; None if no model has been promoted."""
        try:
            notice = json.loads(self.read("in_use.json"))
        except FileNotFoundError:
            return None
        return self.read(f"models/{notice['sha256']}.npz")

    def promote(self, model: bytes, night: str) -> None:
        """Makes a model the one in use: first the model, then the notice that names it."""
        name = sha256(model).hexdigest()
        self.write(f"models/{name}.npz", model)
        self.write("in_use.json", json.dumps({"sha256": name, "night": night}).encode())
