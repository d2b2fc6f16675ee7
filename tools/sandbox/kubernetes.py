"""The sandbox's Kubernetes, asked through the kubectl in its container: none is needed on this machine."""

import json
import subprocess
from typing import Any

from tools.sandbox import flytectl

KUBECONFIG = "/var/lib/flyte/config/kubeconfig"
SECONDS = 30


def run(*command: str, stdin: str = "") -> subprocess.CompletedProcess:
    """Runs a command in the sandbox's container, at most SECONDS long."""
    within = ("docker", "exec", "--interactive", "--env", f"KUBECONFIG={KUBECONFIG}", flytectl.CONTAINER)
    try:
        return subprocess.run([*within, *command], input=stdin, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {SECONDS} s")


def kubectl(*words: str, stdin: str = "") -> subprocess.CompletedProcess:
    return run("kubectl", *words, stdin=stdin)


def get(*words: str) -> dict[str, Any]:
    """One object, or a list of them; empty where there is none, or Kubernetes does not answer (yet)."""
    answer = kubectl("get", *words, "--output", "json")
    try:
        return json.loads(answer.stdout) if answer.returncode == 0 else {}
    except json.JSONDecodeError:
        return {}


def items(*words: str) -> list[dict[str, Any]]:
    return get(*words).get("items", [])


def name(pod: dict[str, Any]) -> str:
    return f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"


def is_ready(pod: dict[str, Any]) -> bool:
    """Whether a pod serves, or has done its work."""
    status = pod["status"]
    conditions = {condition["type"]: condition["status"] for condition in status.get("conditions", [])}
    return status.get("phase") == "Succeeded" or conditions.get("Ready") == "True"


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """The states of a pod's containers, in the order in which they start."""
    status = pod["status"]
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def reason(pod: dict[str, Any]) -> str:
    """Why a pod is not ready, in the words of Kubernetes: ImagePullBackOff, no room, a crash."""
    for condition in pod["status"].get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return condition.get("message") or condition.get("reason", "not scheduled")
    for container in containers(pod):
        waiting = container.get("state", {}).get("waiting", {})
        ended = container.get("lastState", {}).get("terminated", {})
        if waiting.get("reason") == "CrashLoopBackOff" and ended:
            return f"CrashLoopBackOff, it ended with {ended.get('reason')}, exit status {ended.get('exitCode')}"
        if waiting and waiting.get("reason") != "PodInitializing":
            words = (waiting.get("reason", ""), waiting.get("message", ""))
            return " ".join(": ".join(filter(None, words)).split())
    return pod["status"].get("message") or "its containers start"


def is_rolled_out(deployment: str, namespace: str) -> bool:
    """Whether all pods of a deployment are of its newest version, and ready."""
    found = get("deployment", deployment, "--namespace", namespace)
    status, wanted = found.get("status", {}), found.get("spec", {}).get("replicas", 1)
    is_seen = status.get("observedGeneration", 0) >= found.get("metadata", {}).get("generation", 1)
    return is_seen and all(status.get(count, 0) == wanted for count in ("replicas", "updatedReplicas", "readyReplicas"))


def under_pressure() -> str:
    """What the only node lacks so much that it starts no pods: disk, memory; empty if nothing."""
    nodes = items("nodes")
    taints = [taint["key"] for node in nodes for taint in node.get("spec", {}).get("taints", [])]
    pressed = [key.rpartition("/")[2].removesuffix("-pressure") for key in taints if key.endswith("-pressure")]
    return ", ".join(pressed)
