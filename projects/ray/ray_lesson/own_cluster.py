"""A Ray task that brings a small cluster of its own where it is given none: on a laptop, in one container.

On Kubernetes the cluster is there before the task starts, and the plugin connects to it. Elsewhere the
plugin calls `ray.init()`, with Ray's defaults: all processors, a third of the memory, a dashboard, ports
open to the network, files in /tmp/ray, which a second run would share, and no end before the process's.
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

# Bytes; the least that Ray accepts is 75 MiB.
OBJECT_STORE = 80 * 2**20
# The path of a Unix socket may have 103 characters on macOS, of which Ray takes 64 and `own_cluster` 13.
LONGEST_FOLDER = 103 - 64 - 13


@dataclass
class RayJob(RayJobConfig):
    """What the plugin's RayJobConfig says of a cluster, for a task that can also do without one."""


class RayJobTask(RayFunctionTask):
    """Runs its function with Ray: on the cluster that RAY_ADDRESS names, or on one that lasts as long as it."""

    def pre_execute(self, user_params: ExecutionParameters) -> ExecutionParameters:
        return super().pre_execute(user_params) if os.environ.get("RAY_ADDRESS") else user_params

    def execute(self, **inputs: Any) -> Any:
        cores = int(self.resources.limits.cpu)
        # Somebody's ray.init() before this is taken as it is, and left running.
        given = os.environ.get("RAY_ADDRESS") or ray.is_initialized()
        try:
            with contextlib.nullcontext() if given else own_cluster(cores):
                return super().execute(**inputs)
        except ray.exceptions.RayTaskError as error:
            # What was wrong, without the traceback of another process in its message.
            raise error.cause from error


TaskPlugins.register_pythontask_plugin(RayJob, RayJobTask)


@contextlib.contextmanager
def own_cluster(cores: int) -> Iterator[None]:
    """A Ray cluster on this machine, running `cores` tasks at a time. Its processes and files go with it."""
    folder = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(prefix="ray-", dir=folder if len(folder) <= LONGEST_FOLDER else "/tmp") as own:
        # Its ports are open to the network, so who calls must know a token; Ray would keep one in ~/.ray.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        # Its processes can import what this one can.
        os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, sys.path))
        try:
            with uninterrupted():
                ray.init(
                    address="local",  # a new one, whatever else runs here
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
    """Lets Ctrl-C wait for the end of the block: Ray forgets the processes of a start that was cut off."""
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
