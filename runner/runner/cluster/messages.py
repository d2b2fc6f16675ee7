"""Messages of Flyte about a task that failed, in one line of our own, with the next step where there is one."""

import re

from flyteidl.core.execution_pb2 import ExecutionError

from runner.cluster.waiting import pull
from runner.records.errors import headline, how_it_ended, out_of_memory, out_of_time, words_in

# What Flyte's engine puts before the error of a task whose attempts are used up.
PROPELLER = re.compile(r"^\[\d+/\d+\] currentAttempt done\. Last Error: \w+::")
# How it reports that a container ended on its own: with the end of its log, and a full stop as the last line.
POD = re.compile(r"terminated with exit code \((\d+)\)\. Reason \[(\w*)\]\. Message: ?\n?(.*?)\n?\.?\s*$", re.DOTALL)
TIMEOUT = re.compile(r"task execution timeout \[(.*?)\] expired")
NODE_TIMEOUT = "Timeout in node"
# The number of a member of a map task, before its error.
MEMBER = re.compile(r"^\[(\d+)\]: ", re.MULTILINE)
MOST = 3
# What it says of tasks that it ended itself.
ENDED = {
    "Some node execution failed, auto-abort.": "ended because another task failed",
    "Dynamic workflow failed": "ended because another task failed",
    "Workflow aborted.": "ended with the execution",
}
# What a cluster lacks that a lesson needs, and the next step.
LACKING = [
    (
        r'SparkApplication|sparkoperator|handler.*\bspark\b|No FileSystem for scheme "s3"',
        "the cluster has no Spark operator, or Flyte's Spark plugin is off: make sandbox-up SPARK=1",
    ),
    (
        r"S3AFileSystem not found",
        "the image has no client for S3; make jars, then build, test and publish the image again",
    ),
    (
        r"RayJob|ray\.io|handler.*\bray\b",
        "the cluster has no KubeRay operator, or Flyte's Ray plugin is off: make sandbox-up RAY=1",
    ),
    (r"[Ee]xceeded quota|resource quota", "raise the quota of the project, or lower what the tasks ask for"),
    (r"ImagePullBackOff|ErrImagePull", "publish the image (make publish), or check the cluster's access to it"),
    (r"[Ss]ecret.*not found|Unable to find secret", "make the secret in the cluster, as the lesson's README says"),
    (r"system retry attempts .* exhausted", "Flyte itself was unavailable for too long; recover the execution"),
]


def why(error: ExecutionError, memory: str = "") -> str:
    """Why a task failed, in one line; `memory` is its limit, empty if that is not known."""
    message, code = PROPELLER.sub("", error.message), error.code.removeprefix("RetriesExhausted|")
    if MEMBER.match(message):
        return of_members(message, code, memory)
    if found := POD.search(message):
        status, reason, log = found.groups()
        return out_of_memory(memory) if "OOMKilled" in (reason, code) else how_it_ended(int(status), log)
    if found := TIMEOUT.search(message):
        return out_of_time(re.sub(r"(?<=\d)(?=[a-z])", " ", found[1]))
    if message in ENDED:
        return ENDED[message]
    if message == NODE_TIMEOUT:
        return "it took longer than all its attempts may together, the time in which it waits included"
    if code == "OutputsNotFound":
        return how_it_ended(0, "")
    return pull(" ".join(message.split())) or headline(words_in(message, code))


def of_members(message: str, code: str, memory: str) -> str:
    """Why members of a map task failed, each by its number."""
    _, *parts = MEMBER.split(message)
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    told = [f"member {number}: {why(ExecutionError(code=code, message=text), memory)}" for number, text in pairs]
    more = [f"{len(told) - MOST} more members failed"] if len(told) > MOST else []
    return "; ".join(told[:MOST] + more)


def next_step(message: str) -> str:
    """What to do about a failure that has to do with the cluster; empty for any other."""
    return next((step for pattern, step in LACKING if re.search(pattern, message)), "")
