"""A stand-in for the part of the Kubernetes API that Spark uses. It starts every posted pod as a container.

Spark's submission posts a pod for the driver, and then a config map and a service for this pod. The driver posts
pods for its executors and requests their states. A separate docker network lets pods reach each other by name.
The volumes that Spark requests are empty folders, config maps and folders of this machine.
"""

import json
import subprocess
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlparse


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()


class Kubernetes:
    """A context manager. `url` is the address of the API for pods and containers in `network`."""

    def __init__(self, folder: Path, network: str):
        self.folder, self.network = folder, network
        self.pods: dict[str, dict[str, Any]] = {}
        self.services: list[str] = []

    def __enter__(self) -> "Kubernetes":
        docker("network", "create", self.network)
        gateway = docker("network", "inspect", self.network, "--format", "{{(index .IPAM.Config 0).Gateway}}")
        handler = type("Handler", (Handler,), {"kubernetes": self})
        try:
            self.server, host = ThreadingHTTPServer((gateway, 0), handler), gateway
        except OSError:  # the docker engine runs in a virtual machine, which reaches this machine by a name
            self.server, host = ThreadingHTTPServer(("127.0.0.1", 0), handler), "host-gateway"
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.reach = ["--network", self.network, "--add-host", f"api:{host}"]
        self.url = f"http://api:{self.server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        for name in self.pods:
            subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True)
        docker("network", "rm", self.network)

    def create(self, thing: dict[str, Any]) -> None:
        """Stores a posted object. A driver starts when its config map exists, and other pods start at once."""
        name, kind = thing["metadata"]["name"], thing["kind"]
        thing["metadata"] |= {"uid": name, "namespace": "default", "creationTimestamp": "2026-01-01T00:00:00Z"}
        if kind == "Service":
            self.services.append(f"{name}.default.svc")
        if kind == "ConfigMap":
            (self.folder / name).mkdir(exist_ok=True)
            for file, text in thing["data"].items():
                (self.folder / name / file).write_text(text)
        if kind == "Pod":
            self.pods[name] = thing
        self.start_complete()

    def start_complete(self) -> None:
        """Starts every pod that has not started yet and whose config maps exist."""
        for name, pod in self.pods.items():
            volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes", [])}
            maps = [volume["configMap"]["name"] for volume in volumes.values() if "configMap" in volume]
            is_driver = pod["metadata"]["labels"]["spark-role"] == "driver"
            ready = all((self.folder / one).exists() for one in maps) and (self.services or not is_driver)
            if ready and "status" not in pod:
                pod["status"] = {"phase": "Running"}
                self.start(name, pod["spec"]["containers"][0], volumes, self.services if is_driver else [])

    def start(self, name: str, container: dict[str, Any], volumes: Mapping[str, Any], aliases: list[str]) -> None:
        # Spark unpacks libraries into /tmp, and Java loads them from there.
        words = ["--name", name, "--hostname", name, "--read-only", "--tmpfs", "/tmp:exec", *self.reach]
        words += [word for alias in aliases for word in ("--network-alias", alias)]
        for mount in container.get("volumeMounts", []):
            volume, path = volumes[mount["name"]], mount["mountPath"]
            if "configMap" in volume:
                words += ["--volume", f"{self.folder / volume['configMap']['name']}:{path}:ro"]
            elif "hostPath" in volume:
                words += ["--volume", f"{volume['hostPath']['path']}:{path}"]
            else:
                words += ["--tmpfs", path]
        # The name of a pod serves as its address, because the docker network resolves names.
        for item in container["env"]:
            words += ["--env", f"{item['name']}={item.get('value', name)}"]
        docker("run", "--detach", *words, container["image"], *container["args"])

    def status(self, name: str) -> dict[str, Any]:
        """Returns a pod with the state of its container. Without a container, the state is Pending."""
        answer = docker("ps", "--all", "--filter", f"name=^{name}$", "--format", "{{.Status}}")
        ended = "Succeeded" if answer.startswith("Exited (0)") else "Failed"
        phase = ended if answer.startswith("Exited") else "Running" if answer.startswith("Up") else "Pending"
        return self.pods[name] | {"status": {"phase": phase, "podIP": name}}


class Handler(BaseHTTPRequestHandler):
    kubernetes: Kubernetes
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self) -> None:
        thing = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.kubernetes.create(thing)
        self.answer(201, thing)

    do_PATCH = do_PUT = do_POST

    def do_GET(self) -> None:
        name, pods = urlparse(self.path).path.rpartition("/pods")[2].strip("/"), self.kubernetes.pods
        if not name:
            executors = [n for n, pod in list(pods.items()) if pod["metadata"]["labels"]["spark-role"] == "executor"]
            items = [self.kubernetes.status(executor) for executor in executors]
            self.answer(200, {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items})
        elif name in pods:
            self.answer(200, self.kubernetes.status(name))
        else:
            self.answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})

    def do_DELETE(self) -> None:
        self.answer(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def log_message(self, *_: object) -> None: ...
