"""The operators of Spark and Ray in the sandbox: sandbox/operators, which its k3s installs from their charts."""

from typing import NamedTuple

from tools.core.errors import Stop
from tools.core.paths import ROOT
from tools.core.reporting import both_ends
from tools.sandbox import kubernetes, waiting

# As often as a chart's installation may fail before it is given up: a registry may be slow, once.
FAILURES = 2


class Operator(NamedTuple):
    """One of sandbox/operators: its chart, which also names its namespace, and the resource of a task."""

    file: str
    chart: str
    resource: str


OPERATORS = {
    "SPARK": Operator("spark.yaml", "spark-operator", "sparkapplications.sparkoperator.k8s.io"),
    "RAY": Operator("ray.yaml", "kuberay-operator", "rayjobs.ray.io"),
}


def installed() -> set[str]:
    """The operators that this repository has installed in the sandbox."""
    charts = {chart["metadata"]["name"] for chart in kubernetes.items("helmcharts", "--namespace", "kube-system")}
    return {plugin for plugin, operator in OPERATORS.items() if operator.chart in charts}


def install(plugin: str, is_new: bool) -> None:
    """Makes an operator the one in sandbox/operators, and waits for it; a new one that fails is removed again."""
    operator = OPERATORS[plugin]
    if is_new:
        print(f"installing {operator.chart}", flush=True)
    manifest = (ROOT / "sandbox" / "operators" / operator.file).read_text(encoding="utf-8")
    answer = kubernetes.kubectl("apply", "--filename", "-", stdin=manifest)
    try:
        if answer.returncode:
            raise Stop(f"{operator.chart} was refused: {both_ends(answer.stderr)}")
        waiting.until(lambda: is_up(operator), lambda: missing(operator))
    except BaseException:
        if is_new:
            kubernetes.kubectl("delete", "helmchart", operator.chart, "--namespace", "kube-system", "--wait=false")
        raise


def is_up(operator: Operator) -> bool:
    """Whether the operator is ready for tasks; raises Stop when its chart cannot be installed."""
    for pod in jobs(operator):
        restarts = [container.get("restartCount", 0) for container in kubernetes.containers(pod)]
        if max(restarts, default=0) >= FAILURES:
            raise Stop(
                f"{operator.chart} could not be installed: {last_error(pod)}; its chart comes from the address in "
                f"sandbox/operators/{operator.file}: does this machine reach it?"
            )
    pods = kubernetes.items("pods", "--namespace", operator.chart)
    here = kubernetes.get("customresourcedefinition", operator.resource)
    return bool(here) and bool(pods) and all(map(kubernetes.is_ready, pods))


def jobs(operator: Operator) -> list[dict]:
    """The pods that install the chart."""
    selector = f"helmcharts.helm.cattle.io/chart={operator.chart}"
    return kubernetes.items("pods", "--namespace", "kube-system", "--selector", selector)


def last_error(pod: dict) -> str:
    """The last error that the installation of a chart has printed."""
    words = ("logs", pod["metadata"]["name"], "--namespace", "kube-system", "--tail", "50")
    printed = kubernetes.kubectl(*words, "--previous").stdout or kubernetes.kubectl(*words).stdout
    errors = [line for line in printed.splitlines() if line.lower().startswith("error")]
    return errors[-1].partition(":")[2].strip()[:300] if errors else kubernetes.reason(pod)


def missing(operator: Operator) -> str:
    """What the installation waits for."""
    pods = [*jobs(operator), *kubernetes.items("pods", "--namespace", operator.chart)]
    return waiting.unready(pods) or f"the resources of {operator.chart}"
