"""The lesson's image works as the head and as a worker of a cluster that the KubeRay operator (1.7) starts.

The tests use the commands that the operator writes into its pods. The file system is read-only, and the shared
memory is 64 MB.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

SECONDS = 120
HEALTH = "wget --tries 1 -T {seconds} -q -O- http://localhost:{port}/api/{path} | grep success"
RAYLET = HEALTH.format(seconds=2, port=52365, path="local_raylet_healthz")
GCS = HEALTH.format(seconds=10, port=8265, path="gcs_healthz")
JOB = "import ray; ray.init(); print('found', ray.get(ray.remote(lambda: 6 * 7).remote()))"


@pytest.fixture
def pod(image: str) -> Iterator[Callable[..., str]]:
    """Starts a pod with a `ray start` command, and returns the name of its container."""
    names: list[str] = []

    def pod(start: str, network: str = "none") -> str:
        names.append(f"test-kuberay-{os.getpid()}-{len(names)}")
        options = ["--detach", "--name", names[-1], "--network", network, "--read-only", "--tmpfs", "/tmp:exec"]
        options += ["--memory", "2g", "--env", "MY_POD_IP=127.0.0.1"]
        command = ["/bin/bash", "-c", "--", f"ulimit -n 65536; {start} --block --disable-usage-stats"]
        subprocess.run(["docker", "run", *options, image, *command], check=True, capture_output=True)
        return names[-1]

    yield pod
    for name in reversed(names):
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True)


def within(name: str, command: str) -> subprocess.CompletedProcess:
    """Runs a shell command in a pod, as KubeRay runs its probes."""
    return subprocess.run(["docker", "exec", name, "bash", "-c", command], capture_output=True, text=True)


def wait(name: str, probe: str) -> None:
    deadline = time.monotonic() + SECONDS
    while (answer := within(name, probe)).returncode:
        logs = subprocess.run(["docker", "logs", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert time.monotonic() < deadline, f"{probe}: {answer.stderr}\n{logs.stdout}"
        time.sleep(1)


def test_is_a_head_and_a_worker(pod):
    address = "--node-ip-address=$MY_POD_IP"
    head = pod(
        f"ray start --head {address} --num-cpus=0 --memory=2147483648 --include-dashboard=true "
        "--dashboard-host=0.0.0.0 --dashboard-agent-listen-port=52365 --metrics-export-port=8080"
    )
    wait(head, f"{RAYLET} && {GCS}")
    wait(head, "ray health-check --address 127.0.0.1:6379")
    # Head and worker share a network, so the worker needs other ports.
    ports = "--dashboard-agent-listen-port=52366 --metrics-export-port=8081"
    worker = pod(f"ray start --address=127.0.0.1:6379 {address} --num-cpus=1 {ports}", network=f"container:{head}")
    wait(worker, RAYLET.replace("52365", "52366"))
    submit = f'ray job submit --address http://127.0.0.1:8265 -- python -c "{JOB}"'
    answer = within(head, submit)
    assert "found 42" in answer.stdout, answer.stdout + answer.stderr
    assert within(worker, "/bin/sh -c 'ray stop'").returncode == 0


def test_a_probe_of_a_sick_pod_fails(image):
    command = ["docker", "run", "--rm", "--network", "none", "--read-only", image, "bash", "-c", RAYLET]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert answer.returncode != 0
    assert "wget: command not found" not in answer.stderr
    assert "refused" in answer.stderr
