"""A folder that represents a service. The trials need the service, and it may be down."""

import fsspec
from flytekit import FlyteContextManager
from flytekit.exceptions.user import FlyteRecoverableException


class Service:
    """A service at an address: a folder on disk, or in an object store (`s3://…`) that a cluster's tasks can reach.

    The service refuses the trials whose numbers are in its file `refused`. It has one file for each trial that has
    begun and not ended. Without an address, the service refuses no trial and keeps no files.
    """

    def __init__(self, address: str):
        # Flyte's own access to files: on a cluster, it knows the address and the credentials of the object store.
        access = FlyteContextManager.current_context().file_access
        self.files = access.get_filesystem_for_path(address) if address else fsspec.filesystem("memory")
        self.folder = self.files._strip_protocol(address)

    def begin(self, trial: int) -> None:
        """Raises FlyteRecoverableException if the service refuses the trial."""
        self.files.pipe_file(f"{self.folder}/trial-{trial}", b"")
        notice = f"{self.folder}/refused"
        if self.files.exists(notice) and str(trial) in self.files.cat_file(notice).decode().split():
            raise FlyteRecoverableException(f"the service refuses trial {trial}")

    def end(self, trial: int) -> None:
        self.files.rm_file(f"{self.folder}/trial-{trial}")

    def unfinished(self) -> list[int]:
        """Returns the trials that have begun and not ended."""
        return sorted(int(file.rpartition("-")[2]) for file in self.files.glob(f"{self.folder}/trial-*"))
