"""Waiting for the sandbox: with an end, telling what it waits for, naming what is stuck and why."""

import contextlib
import http.client
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterable

from tools.core.errors import Stop
from tools.core.reporting import last_line
from tools.sandbox import flytectl, kubernetes
from tools.sandbox.settings import NAMESPACE

MINUTES = 10
SECONDS_BETWEEN = 3
# Flyte's answer through all that stands between it and a client on this machine.
HEALTH = "http://localhost:30080/healthcheck"


def minutes() -> float:
    """How long to wait for one thing, as SANDBOX_MINUTES says."""
    value = os.environ.get("SANDBOX_MINUTES") or str(MINUTES)
    with contextlib.suppress(ValueError):
        if 0 < float(value) <= 24 * 60:
            return float(value)
    raise Stop(f"SANDBOX_MINUTES is {value!r}; it is how long to wait, as in SANDBOX_MINUTES=20")


def until(is_done: Callable[[], bool], missing: Callable[[], str]) -> None:
    """Waits until `is_done`, and prints what is `missing` whenever that changes; raises Stop when it takes too long."""
    end = time.monotonic() + 60 * minutes()
    last = ""
    while not is_done():
        if (now := missing()) != last:
            print(f"  waiting for {now}", flush=True)
            last = now
        if time.monotonic() > end:
            raise Stop(
                f"not ready within {minutes():g} minutes: still waiting for {last}; "
                "if it is only slow: SANDBOX_MINUTES=30"
            )
        time.sleep(SECONDS_BETWEEN)


def for_flyte(starter: subprocess.Popen | None = None) -> None:
    """Waits until all of Flyte's pods are ready, `starter` has ended, and Flyte answers."""
    until(lambda: is_up(starter), missing)


def for_namespace() -> None:
    """Waits until Flyte has made what belongs to a project and domain, its last file included."""
    until(
        lambda: bool(kubernetes.get("serviceaccount", "spark", "--namespace", NAMESPACE)),
        lambda: f"Flyte to make the namespace {NAMESPACE}",
    )


def is_up(starter: subprocess.Popen | None) -> bool:
    """Whether Flyte is ready; raises Stop when flytectl has given up."""
    status = starter.poll() if starter else 0
    if status:
        raise Stop(f"flytectl could not start the sandbox: {flytectl.last_words()}")
    if flytectl.state()[0] == "exited":
        raise Stop(f"the sandbox's container has ended: {last_line(flytectl.last_of_container())}")
    pods = kubernetes.items("pods", "--namespace", "flyte")
    if not pods or not all(map(kubernetes.is_ready, pods)):
        return False
    return status == 0 and kubernetes.is_rolled_out("flyte-sandbox", "flyte") and answers()


def answers() -> bool:
    """Whether Flyte answers where its clients look for it."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(HEALTH, timeout=5):
            return True
    except (OSError, http.client.HTTPException):
        return False


def missing() -> str:
    """What Flyte waits for."""
    if pressed := kubernetes.under_pressure():
        return f"room: Kubernetes starts nothing while the machine lacks {pressed}"
    pods = kubernetes.items("pods", "--namespace", "flyte")
    if not pods:
        return "Kubernetes"
    return unready(pods) or f"Flyte to answer at {HEALTH}"


def unready(pods: Iterable[dict]) -> str:
    """The pods that are not ready, each with the reason."""
    return "; ".join(
        f"{kubernetes.name(pod)}: {kubernetes.reason(pod)}" for pod in pods if not kubernetes.is_ready(pod)
    )


def keep_evidence() -> None:
    """Adds to the log what Kubernetes knows, before the sandbox goes."""
    with flytectl.LOG.open("a") as file:
        file.write(f"\n$ docker logs\n{flytectl.last_of_container()}")
        for words in (("get", "pods", "-A", "-o", "wide"), ("get", "events", "-A"), ("describe", "nodes")):
            answer = kubernetes.kubectl(*words)
            file.write(f"\n$ kubectl {' '.join(words)}\n{answer.stdout}{answer.stderr}")
