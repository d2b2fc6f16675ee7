"""What stands in sandbox/ is what Flyte, Kubernetes and the lessons need; nothing here starts anything."""

import re

import pytest
import yaml

from tools.core.paths import PROJECTS, ROOT, SANDBOX_CONFIG, SHARED
from tools.sandbox import flytectl, operators, preflight, sandbox, settings, waiting

UNITS = {"m": 1e-3, "": 1, "M": 1e6, "Mi": 2**20, "Gi": 2**30}


def amount(text: str) -> float:
    """A quantity as Kubernetes writes it: cores, or bytes."""
    number, unit = re.fullmatch(r"([\d.]+)([A-Za-z]*)", str(text)).groups()
    return float(number) * UNITS[unit]


def sizes() -> list[tuple[str, str, str, str]]:
    """Requests and limits of CPU and memory, of all tasks of the lessons."""
    files = [SHARED / "workshop" / "resources.py", *PROJECTS.glob("*/*/*.py")]
    found = [
        size
        for file in files
        if "tests" not in file.parts
        for size in re.findall(r'cpu=\("(\w+)", "(\w+)"\), mem=\("(\w+)", "(\w+)"\)', file.read_text(encoding="utf-8"))
    ]
    assert len(found) > 4
    return found


@pytest.fixture
def machine(monkeypatch):
    """Docker has 6 CPUs and 9000 MB."""
    monkeypatch.setattr(preflight, "engine", lambda: (6, 9000, ""))


@pytest.mark.parametrize("plugins", [set(), {"SPARK"}, {"RAY"}, {"SPARK", "RAY"}])
def test_flyte_has_the_plugins_that_were_asked_for_and_no_other(plugins, machine):
    text = settings.flyte_configuration(plugins)
    configuration = yaml.safe_load(text)
    names = {plugin.lower() for plugin in plugins}
    plugged = configuration["tasks"]["task-plugins"]
    assert set(plugged["enabled-plugins"]) == {"container", "sidecar", "k8s-array", "echo"} | names
    types = {"container": "container", "container_array": "k8s-array", "sidecar": "sidecar"}
    assert plugged["default-for-task-types"] == types | {name: name for name in names}
    assert ("plugins" in configuration) == ("SPARK" in plugins)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert not [line for line in lines if "$" in line or "#" in line]


def test_the_quota_is_what_flyte_leaves(machine):
    for domain in yaml.safe_load(settings.flyte_configuration(set()))["cluster_resources"]["customData"]:
        (values,) = domain.values()
        assert values == [{"quotaCpu": {"value": "5"}}, {"quotaMemory": {"value": "6000M"}}]


def test_the_largest_task_of_the_lessons_is_just_allowed(machine):
    limits = yaml.safe_load(settings.flyte_configuration(set()))["task_resources"]["limits"]
    assert amount(limits["cpu"]) == max(amount(size[1]) for size in sizes())
    assert amount(limits["memory"]) == max(amount(size[3]) for size in sizes())


def test_the_least_machine_has_room_for_one_task_of_any_lesson():
    cpus, memory = preflight.TASKS[""]
    # LARGE is for drivers and executors of Spark, which say themselves what they request.
    shared = dict(re.findall(r"^(\w+) = Resources\((.+)\)$", (SHARED / "workshop/resources.py").read_text(), re.M))
    large = [file.parts[-3] for file in PROJECTS.glob("*/*/*.py") if "resources=LARGE" in file.read_text()]
    assert set(large) == {"spark"}
    plain = [size for size in sizes() if f'"{size[0]}", "{size[1]}"), mem=("{size[2]}' not in shared["LARGE"]]
    assert cpus >= max(amount(size[0]) for size in plain)
    assert memory * 1e6 >= max(amount(size[2]) for size in plain)


def test_the_least_machine_for_spark_has_room_for_its_pods():
    text = (PROJECTS / "spark/spark_lesson/workflow.py").read_text()
    conf = dict(re.findall(r'"(spark\.[\w.]+)": "(\w+)"', text))
    executors = int(conf["spark.executor.instances"])
    cpus = 1 + executors * int(conf["spark.executor.cores"])
    # Spark adds 40 % to the memory of Python's drivers and executors, for what is not Java.
    sizes = [conf["spark.driver.memory"]] + executors * [conf["spark.executor.memory"]]
    memory = sum(1.4 * int(size.removesuffix("g")) * 2**30 for size in sizes)
    assert preflight.TASKS["SPARK"][0] == cpus
    assert memory <= preflight.TASKS["SPARK"][1] * 1e6 < 1.05 * memory


def test_the_least_machine_for_ray_has_room_for_its_pods():
    text = (PROJECTS / "ray/ray_lesson/workflow.py").read_text()
    assert "task_config=CLUSTER, resources=MEDIUM)" in text
    # A head, the workers, and the pod that submits: each gets the task's resources.
    pods = 2 + sum(map(int, re.findall(r"replicas=(\d+)", text)))
    medium = re.search(
        r'^MEDIUM = .*cpu=\("(\w+)".*mem=\("(\w+)"', (SHARED / "workshop/resources.py").read_text(), re.M
    )
    assert preflight.TASKS["RAY"][0] == pods * amount(medium[1])
    assert preflight.TASKS["RAY"][1] == pytest.approx(pods * amount(medium[2]) / 1e6, rel=0.05)


def templates() -> dict[str, dict]:
    """The objects of each namespace, as Flyte fills them in."""
    values = {"namespace": "lessons-development", "quotaCpu": "5", "quotaMemory": "6000M"}
    found = {}
    for file in settings.TEMPLATES.iterdir():
        text = file.read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace("{{ " + name + " }}", value)
        assert "{{" not in text
        # Flyte reads the first document of a file and drops the others.
        (found[file.name],) = yaml.safe_load_all(text)
    return found


def test_flyte_makes_the_namespace_before_what_is_in_it():
    # Flyte goes through its templates by name, and the sandbox has one called namespace.yaml.
    assert all(name > "namespace.yaml" and name.endswith(".yaml") for name in templates())


def test_all_that_flyte_makes_is_in_the_namespace_of_the_project():
    kinds = {"ResourceQuota", "LimitRange", "ServiceAccount", "Role", "RoleBinding"}
    assert {found["kind"] for found in templates().values()} == kinds
    assert {found["metadata"]["namespace"] for found in templates().values()} == {"lessons-development"}


def test_spark_may_start_its_executors():
    found = {template["kind"]: template for template in templates().values()}
    account, role, binding = found["ServiceAccount"], found["Role"], found["RoleBinding"]
    assert account["metadata"]["name"] == "spark"  # the name in Flyte's plugin
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "spark", "namespace": "lessons-development"}]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    (rule,) = role["rules"]
    assert {"pods", "services", "configmaps"} <= set(rule["resources"])


def test_what_the_quota_counts_every_container_requests():
    found = {template["kind"]: template for template in templates().values()}
    counted = {name.removeprefix("requests.") for name in found["ResourceQuota"]["spec"]["hard"]}
    (limits,) = found["LimitRange"]["spec"]["limits"]
    assert set(limits["defaultRequest"]) == counted


@pytest.mark.parametrize("plugin", operators.OPERATORS)
def test_an_operator_is_a_chart_of_one_version(plugin):
    operator = operators.OPERATORS[plugin]
    chart = yaml.safe_load((ROOT / "sandbox" / "operators" / operator.file).read_text())
    assert (chart["kind"], chart["apiVersion"]) == ("HelmChart", "helm.cattle.io/v1")
    assert chart["metadata"] == {"name": operator.chart, "namespace": "kube-system"}
    assert chart["spec"]["targetNamespace"] == operator.chart
    assert re.fullmatch(r"\d+\.\d+\.\d+", chart["spec"]["version"])
    assert chart["spec"]["repo"].startswith("https://")


def test_sparks_operator_looks_into_all_namespaces_and_submits_with_the_lessons_spark():
    chart = yaml.safe_load((ROOT / "sandbox/operators/spark.yaml").read_text())["spec"]
    assert yaml.safe_load(chart["valuesContent"])["spark"]["jobNamespaces"] == [""]
    pinned = re.search(r"^pyspark==(\d+\.\d+)", (PROJECTS / "spark/requirements.txt").read_text(), re.M)[1]
    assert (chart["version"][:3], pinned) == ("2.2", "3.5")


def test_clients_find_the_sandbox():
    configuration = yaml.safe_load(SANDBOX_CONFIG.read_text())
    port = next(port for port, use in preflight.PORTS.items() if "API" in use)
    assert configuration["admin"] == {"endpoint": f"dns:///localhost:{port}", "insecure": True}
    assert sandbox.CONSOLE.startswith(configuration["console"]["endpoint"])


def test_the_sandbox_is_of_the_version_that_flytekit_speaks():
    lock = (ROOT / "images" / "sklearn" / "requirements.txt").read_text()
    assert re.search(r"^flyteidl==1\.16\.", lock, re.M)
    assert re.fullmatch(r"ghcr\.io/flyteorg/flyte-sandbox-bundled:sha-[0-9a-f]{40}", flytectl.IMAGE)


@pytest.mark.parametrize("archive", flytectl.ARCHIVES)
def test_every_system_has_a_command_that_installs_flytectl(archive, monkeypatch):
    _, system, machine = archive.removesuffix(".tar.gz").split("_", 2)
    monkeypatch.setattr(flytectl.platform, "system", lambda: system)
    monkeypatch.setattr(flytectl.platform, "machine", lambda: machine)
    command = flytectl.installation()
    assert f"/flytectl/v{flytectl.VERSION}/{archive} " in command
    assert f"'{flytectl.ARCHIVES[archive]}  {archive}' | " in command


def test_the_page_says_what_is_so(machine):
    """docs/cluster.md repeats figures and names, for who reads it; each is compared with where it comes from."""
    page = (ROOT / "docs/cluster.md").read_text(encoding="utf-8")
    for plugin in preflight.TASKS:
        cpus, memory = (sum(pair) for pair in zip(preflight.RESERVE, preflight.TASKS[plugin], strict=True))
        command = f"make sandbox-up {plugin}=1" if plugin else "make sandbox-up"
        assert f"| `{command}` | {cpus} | {memory} |" in page
    for (cpus, memory), words in zip(preflight.TASKS.values(), (" MB", " with Spark", " with Ray"), strict=True):
        assert re.search(rf"\b{cpus}( CPUs?)? and {memory}{words}", page), words
    for port, use in preflight.ports().items():
        assert f"| {port} | {use}" in page
    limits = yaml.safe_load(settings.flyte_configuration(set()))["task_resources"]["limits"]
    assert f"No task asks for more than {limits['cpu']} CPUs and {limits['memory']};" in page
    assert f"flytectl/v{flytectl.VERSION}) {'.'.join(map(str, flytectl.OLDEST))} or newer" in page
    assert f"`SANDBOX_MINUTES` | how long to wait, {waiting.MINUTES} if not set" in page
    assert f"{preflight.DISK_MB // 1000} GB of disk that is not more than {preflight.FULL} % full" in page
    for operator in operators.OPERATORS.values():
        chart = yaml.safe_load((ROOT / "sandbox" / "operators" / operator.file).read_text())
        assert re.search(rf"sandbox/operators/{operator.file}\)[^.]*version\s{chart['spec']['version']},", page)
    for name in (settings.NAMESPACE, *sandbox.SECRET):
        assert name in page
    for link in re.findall(r"\]\((\.\./[^)]+)\)", page):
        assert (ROOT / "docs" / link).exists(), link


def test_the_page_names_every_variable_of_the_sandbox():
    page = (ROOT / "docs/cluster.md").read_text(encoding="utf-8")
    modules = ("sandbox", "preflight", "flytectl", "waiting", "settings", "operators")
    code = "".join((ROOT / "tools" / "sandbox" / f"{module}.py").read_text() for module in modules)
    variables = set(re.findall(r'(?:environ\.get|switch)\("(\w+)"\)', code)) | {*operators.OPERATORS}
    assert variables >= {"SANDBOX_IMAGE", "SANDBOX_MINUTES", "VOLUME", "SPARK"}
    assert not [name for name in variables if name not in page]
