"""`make sandbox-up` and `make sandbox-down`: Flyte on this machine, in one container."""

import json
import os
import shutil
import subprocess

from tools.core.commands import output_of
from tools.core.errors import Stop
from tools.core.exclusive import exclusively
from tools.core.paths import ROOT, SANDBOX_CONFIG
from tools.core.reporting import both_ends
from tools.core.requirement import need
from tools.core.variables import switch
from tools.images.engine import docker_problem
from tools.images.naming import REGISTRY, SANDBOX
from tools.sandbox import flytectl, kubernetes, operators, preflight, waiting
from tools.sandbox.settings import NAMESPACE, configure, is_applied, unconfigure

CONSOLE = "http://localhost:30080/console"
# What sandbox-up makes of PENGUINS_DB_PASSWORD, for the lesson sql.
SECRET = ("penguins", "db_password")


def need_docker() -> None:
    if problem := docker_problem():
        raise Stop(problem)


def sandbox_up() -> None:
    """Starts the sandbox, or goes on with the one that is there, and gives it what SPARK and RAY ask for."""
    need_docker()
    wanted = {plugin for plugin in operators.OPERATORS if switch(plugin)}
    waiting.minutes()
    flytectl.FOLDER.mkdir(parents=True, exist_ok=True)
    with exclusively("sandbox"):
        status, image = flytectl.state()
        if not status:
            start()
        else:
            take(status, image)
            waiting.for_flyte()
        there = operators.installed()
        if status and wanted - there:
            need(preflight.size_checks())
        for plugin in sorted(wanted | there):
            operators.install(plugin, plugin not in there)
        apply_settings(wanted | there)
        waiting.for_namespace()
        make_secret()
    tell(wanted | there)


def start() -> None:
    """Starts a new sandbox. What does not become whole is removed; its volume, if there was one, stays."""
    need(preflight.cluster_checks())
    pull()
    configure(set())
    print(f"starting {flytectl.IMAGE}; what flytectl says: {flytectl.LOG.relative_to(ROOT)}", flush=True)
    process = flytectl.start(preflight.KUBERNETES_PORT)
    try:
        waiting.for_flyte(process)
    except Stop as stop:
        waiting.keep_evidence()
        abandon(process)
        raise Stop(f"{stop}; all of it: {flytectl.LOG.relative_to(ROOT)}") from None
    except BaseException:
        abandon(process)
        raise


def abandon(process: subprocess.Popen) -> None:
    """Ends a start that did not become whole, and removes what it has made."""
    process.kill()
    process.wait()
    remove()
    unconfigure()


def take(status: str, image: str) -> None:
    """Goes on with the container that is there, started anew if it had ended."""
    if image != flytectl.IMAGE:
        print(
            f"the sandbox that is there was made from {image}; for {flytectl.IMAGE}: make sandbox-down, then this again"
        )
    if status == "running":
        print("the sandbox is already running", flush=True)
        return
    print(f"the sandbox is there but {status}; starting it again", flush=True)
    words = ("docker", "unpause" if status == "paused" else "start", flytectl.CONTAINER)
    answer = subprocess.run(words, capture_output=True, text=True)
    if answer.returncode:
        reason = both_ends(answer.stderr)
        raise Stop(f"the sandbox did not start again: {reason}; make sandbox-down removes it and keeps its data")


def pull() -> None:
    """Fetches the image, with docker's own progress, unless it is here."""
    if output_of("docker", "image", "inspect", "--format", "{{.Id}}", flytectl.IMAGE):
        return
    print(f"fetching {flytectl.IMAGE}", flush=True)
    answer = subprocess.run(["docker", "pull", flytectl.IMAGE], stderr=subprocess.PIPE, text=True)
    if answer.returncode:
        reason = both_ends(answer.stderr)
        raise Stop(f"docker cannot fetch it: {reason}; where its registry is not reached: SANDBOX_IMAGE=<a mirror's>")


def apply_settings(plugins: set[str]) -> None:
    """Gives Flyte its configuration for these plugins, which starts it anew, unless it has that already."""
    configure(plugins)
    if is_applied():
        return
    print("giving Flyte its configuration", flush=True)
    answer = kubernetes.run("flyte-sandbox-bootstrap")
    if answer.returncode:
        raise Stop(f"the sandbox did not take its configuration: {both_ends(answer.stderr)}")
    waiting.until(is_applied, lambda: "Kubernetes to take Flyte's configuration")
    waiting.for_flyte()


def make_secret() -> None:
    """Stores PENGUINS_DB_PASSWORD, if it is set, as the secret that the tasks of the lesson sql ask for."""
    password = os.environ.get("PENGUINS_DB_PASSWORD")
    if password is None:
        return
    name, key = SECRET
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "stringData": {key: password},
    }
    # By standard input: a command line can be read by every process of the machine.
    if kubernetes.kubectl("apply", "--filename", "-", stdin=json.dumps(secret)).returncode:
        raise Stop(f"the secret {name} could not be made in {NAMESPACE}; is the sandbox healthy? see {CONSOLE}")
    print(f"the secret {name} is made in {NAMESPACE}")


def tell(plugins: set[str]) -> None:
    """Prints where everything is."""
    cpus, memory = preflight.quota()
    names = ", ".join(sorted(plugin.lower() for plugin in plugins)) or "none; SPARK=1 and RAY=1 install theirs"
    print(
        f"the sandbox is ready: {CONSOLE}\n"
        f"  client     {SANDBOX_CONFIG.relative_to(ROOT)}, used where FLYTECTL_CONFIG names no other\n"
        f"  registry   {SANDBOX}" + ("" if REGISTRY == SANDBOX else f"; REGISTRY is {REGISTRY}") + "\n"
        f"  tasks      in {NAMESPACE}, together CPU {cpus}, memory {memory} MB\n"
        f"  operators  {names}\n"
        f"  kubectl    docker exec -e KUBECONFIG={kubernetes.KUBECONFIG} {flytectl.CONTAINER} kubectl get pods -A\n"
        f"  next       make register PROJECT=flyte-basics, see docs/cluster.md"
    )


def remove() -> bool:
    """Removes the container with the unnamed volumes that Kubernetes fills; whether there was one."""
    if not flytectl.state()[0]:
        return False
    answer = subprocess.run(
        ["docker", "rm", "--force", "--volumes", flytectl.CONTAINER], capture_output=True, text=True
    )
    if answer.returncode:
        raise Stop(f"the sandbox could not be removed: {both_ends(answer.stderr)}")
    return True


def sandbox_down() -> None:
    """Removes the sandbox; with VOLUME=1 also its database and its object store."""
    need_docker()
    with exclusively("sandbox"):
        print("the sandbox is removed" if remove() else "there is no sandbox")
        unconfigure()
        shutil.rmtree(flytectl.FOLDER, ignore_errors=True)
        if not output_of("docker", "volume", "inspect", "--format", "{{.Name}}", flytectl.CONTAINER):
            return
        if not switch("VOLUME"):
            print("its executions and their data stay for the next one; VOLUME=1 removes them too")
            return
        answer = subprocess.run(["docker", "volume", "rm", flytectl.CONTAINER], capture_output=True, text=True)
        if answer.returncode:
            raise Stop(f"the volume could not be removed: {both_ends(answer.stderr)}")
        print("its executions and their data are removed")
