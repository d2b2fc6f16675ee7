"""Quick iteration: the code of the lesson and of the shared package goes to the cluster's store, and runs in an image
that was published before.

What the code imports from elsewhere stays that of the image.
"""

import shutil
import tempfile
from pathlib import Path

import workshop
from flytekit.configuration import FastSerializationSettings, SerializationSettings

from runner.cluster.connection import Cluster

# In the images a task may write here; /app, where their own code lies, is not a task's to write.
DESTINATION = "/home/flyte"
# The uploaded code goes before that of the image. Flyte's entry point would put it behind.
PYTHONPATH = f"{DESTINATION}:/app"


def shipped(cluster: Cluster, package: Path, settings: SerializationSettings) -> SerializationSettings:
    """Uploads a lesson's package and the shared one; returns the settings with which tasks run that code."""
    with tempfile.TemporaryDirectory(prefix="code-") as folder:
        root = Path(folder, "root")
        for code in (package, Path(workshop.__file__).parent):
            shutil.copytree(code, root / code.name, ignore=shutil.ignore_patterns("__pycache__"))
        _, location = cluster.call(cluster.remote.fast_package, root, output=folder)
    uploaded = FastSerializationSettings(enabled=True, destination_dir=DESTINATION, distribution_location=location)
    builder = settings.new_builder().with_fast_serialization_settings(uploaded)
    builder.env = {**(settings.env or {}), "PYTHONPATH": PYTHONPATH}
    return builder.build()
