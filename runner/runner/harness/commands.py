"""What an attempt is started with: its command line, its environment variables, an earlier checkpoint."""

import os
from pathlib import Path

from flyteidl.core.tasks_pb2 import TaskTemplate

from runner.harness import spark
from runner.harness.calls import CUT_OFF, Call, read_attempt
from runner.harness.launchers import ABORTED

# How the names of variables begin in which a task finds its secrets.
MOUNTED = "_FSEC_"
# Where a member of a map task finds which element is its own.
INDEX = "FLYTE_K8S_ARRAY_INDEX"


def command_of(call: Call, number: int, folder: Path) -> list[str]:
    """A task's command line with its placeholders filled."""
    placeholders = {
        "{{.input}}": str(call.folder / "inputs.pb"),
        "{{.outputPrefix}}": str(folder),
        "{{.rawOutputDataPrefix}}": str(folder / "data"),
        "{{.checkpointOutputPrefix}}": str(folder / "checkpoint"),
        "{{.prevCheckpointPrefix}}": previous_checkpoint(folder, number),
        "{{.taskTemplatePath}}": str(folder / "task.pb"),
    }
    container = call.task.container
    return [placeholders.get(word, word) for word in (*container.command, *container.args)]


def previous_checkpoint(folder: Path, number: int) -> str:
    """The folder with the checkpoint that an attempt is handed; flytekit reads a pair of quotes as none.

    It is that of the attempt before, as on a cluster, also when that one died before it wrote any. An attempt
    that ended with the harness has no counterpart on a cluster: if it wrote none, the one before it counts.
    """
    for earlier in reversed(range(number)):
        before = folder.with_name(f"attempt-{earlier}")
        checkpoint = before / "checkpoint"
        kept = read_attempt(before / "attempt.json")
        if checkpoint.exists() or (kept and kept.outcome not in (CUT_OFF, ABORTED)):
            return str(checkpoint)
    return '""'


def environment_of(call: Call, number: int) -> dict[str, str]:
    """A task's environment variables: its own, and those that say where in an execution it is."""
    task = call.task.id
    return {item.key: item.value for item in call.task.container.env} | {
        "FLYTE_INTERNAL_EXECUTION_ID": "local",
        "FLYTE_INTERNAL_EXECUTION_PROJECT": task.project,
        "FLYTE_INTERNAL_EXECUTION_DOMAIN": task.domain,
        "FLYTE_INTERNAL_TASK_NAME": task.name,
        "FLYTE_INTERNAL_TASK_VERSION": task.version,
        "FLYTE_ATTEMPT_NUMBER": str(number),
        **secrets_of(call.task),
        **(spark.ENVIRONMENT if spark.is_spark(call.task) else {}),
        **({"BATCH_JOB_ARRAY_INDEX_VAR_NAME": INDEX, INDEX: str(call.index)} if call.mapped else {}),
    }


def secrets_of(task: TaskTemplate) -> dict[str, str]:
    """The secrets that a task asks for: this machine's variables GROUP_KEY, named as a cluster names them."""
    found = {}
    for secret in task.security_context.secrets:
        name = "_".join(part for part in (secret.group, secret.key) if part).upper()
        if name in os.environ:
            found[f"{MOUNTED}{name}"] = os.environ[name]
    return found
