"""What an attempt is started with: its command line, its environment variables, an earlier checkpoint."""

from pathlib import Path

from runner.harness import spark
from runner.harness.calls import CUT_OFF, Call, read_attempt
from runner.harness.launchers import ABORTED


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
    """A task's environment variables: its own, and those that tell it where in an execution it is."""
    task = call.task.id
    return {item.key: item.value for item in call.task.container.env} | {
        "FLYTE_INTERNAL_EXECUTION_ID": "local",
        "FLYTE_INTERNAL_EXECUTION_PROJECT": task.project,
        "FLYTE_INTERNAL_EXECUTION_DOMAIN": task.domain,
        "FLYTE_INTERNAL_TASK_NAME": task.name,
        "FLYTE_INTERNAL_TASK_VERSION": task.version,
        "FLYTE_ATTEMPT_NUMBER": str(number),
        **(spark.ENVIRONMENT if spark.is_spark(call.task) else {}),
        **call.environment,
    }
