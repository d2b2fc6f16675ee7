"""A Ray task that starts its own small cluster if no cluster exists, as on a laptop or in one container.

On Kubernetes, the cluster exists before the task starts, and the plugin connects to it. Elsewhere, the plugin calls
`ray.init()` with Ray's defaults: all processors, a third of the memory, a dashboard, and ports that are open to the
network. Its files are in /tmp/ray, which a second run would share, and it ends only with the process.
"""

import contextlib
import logging
import os
import secrets
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ray
from flytekit import ExecutionParameters
from flytekit.extend import TaskPlugins
from flytekitplugins.ray import RayJobConfig
from flytekitplugins.ray.task import RayFunctionTask

# In bytes. Ray's minimum is 75 MiB.
OBJECT_STORE = 80 * 2**20
# On macOS, the path of a Unix socket has at most 103 characters. Ray uses 64 of them, and `own_cluster` uses 13.
LONGEST_FOLDER = 103 - 64 - 13


@dataclass
class RayJob(RayJobConfig):
    """The plugin's RayJobConfig, for a task that also works without a given cluster."""


class RayJobTask(RayFunctionTask):
    """Runs its function on the cluster that RAY_ADDRESS names, or on a cluster that lives as long as the task."""

    def pre_execute(self, user_params: ExecutionParameters) -> ExecutionParameters:
        return super().pre_execute(user_params) if os.environ.get("RAY_ADDRESS") else user_params

    def execute(self, **inputs: Any) -> Any:
        cores = int(self.resources.limits.cpu)
        # If the caller has called ray.init() already, the task uses this cluster and leaves it running.
        given = os.environ.get("RAY_ADDRESS") or ray.is_initialized()
        try:
            with contextlib.nullcontext() if given else own_cluster(cores):
                return super().execute(**inputs)
        except ray.exceptions.RayTaskError as error:
            # Raises the original error. Ray's error has the traceback of another process in its message.
            raise error.cause from error


TaskPlugins.register_pythontask_plugin(RayJob, RayJobTask)


@contextlib.contextmanager
def own_cluster(cores: int) -> Iterator[None]:
    """Starts a Ray cluster on this machine that runs `cores` tasks at a time, and removes its processes and files."""
    folder = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(prefix="ray-", dir=folder if len(folder) <= LONGEST_FOLDER else "/tmp") as own:
        # The cluster's ports are open to the network, so callers need a token. Ray itself would store one in ~/.ray.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        # By default, Ray runs its workers at a low priority, and they stand still while other programs are busy.
        os.environ.setdefault("RAY_worker_niceness", "0")
        # The cluster's processes can import the same modules as this process.
        os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, sys.path))
        try:
            with uninterrupted():
                ray.init(
                    address="local",  # a new cluster, even if this machine already runs a cluster
                    num_cpus=cores,
                    object_store_memory=OBJECT_STORE,
                    include_dashboard=False,
                    logging_level=logging.ERROR,
                    _temp_dir=own,
                )
            yield
        finally:
            with uninterrupted():
                ray.shutdown(wait_for_processes=True)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Delays Ctrl-C until the end of the block, because Ray loses the processes of an interrupted start."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: heard.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard.is_set():
            signal.raise_signal(signal.SIGINT)
