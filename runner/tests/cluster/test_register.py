"""Registering: again, changed, refused, with the code uploaded. Over gRPC, against a stand-in for a cluster."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import grpc
import pytest
import workshop
from admin.refusals import refusing
from running import HERE, IMAGES

from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError
from runner.cluster.register import register, summary
from runner.lesson import Lesson

OTHER = {"default": "localhost:30000/example:2"}


def test_what_is_new_and_what_was_there(service, lesson):
    cluster = Cluster.in_hand()
    assert summary(register(cluster, lesson, IMAGES, "v1")) == "registered 2 tasks, 1 workflow, 1 launch plan"
    again = summary(register(cluster, lesson, IMAGES, "v1"))
    assert again == "already registered, unchanged (2 tasks, 1 workflow, 1 launch plan)"
    assert summary(register(cluster, lesson, OTHER, "v2")) == "registered 2 tasks, 1 workflow, 1 launch plan"


def test_what_was_cut_off_is_gone_on_with(service, lesson):
    cluster = Cluster.in_hand()
    service.fault = refusing(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many requests", "CreateWorkflow")
    with pytest.raises(
        ClusterError, match=r"^workflow example_lesson\.workflow\.greeting_workflow: .*too many requests"
    ):
        register(cluster, lesson, IMAGES, "v1")
    service.fault = lambda name: None
    words = summary(register(cluster, lesson, IMAGES, "v1"))
    assert words == "registered 1 workflow, 1 launch plan; 2 tasks were there already, unchanged"


def test_the_same_version_with_other_content_is_refused_with_what_to_do(service, lesson):
    cluster = Cluster.in_hand()
    register(cluster, lesson, IMAGES, "v1")
    with pytest.raises(ClusterError) as error:
        register(cluster, lesson, OTHER, "v1")
    assert str(error.value) == (
        "task example_lesson.workflow.greet is registered in version v1 with other content "
        "(at /template/container/image); commit what has changed, or name another version: VERSION=v1-2"
    )
    (image,) = {request.spec.template.container.image for request in service.admin.tasks.values()}
    assert image == IMAGES["default"]


def test_more_than_the_cluster_allows_is_refused(service, monkeypatch):
    folder = HERE / "recovered"
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    # Flyte's words, of a real cluster.
    words = "Requested MEMORY default [6Gi] is greater than current limit set in the platform configuration [4Gi]"
    service.fault = refusing(grpc.StatusCode.INVALID_ARGUMENT, words, "CreateTask")
    with pytest.raises(
        ClusterError, match=r"^task .* refuses: Requested MEMORY default \[6Gi\] is greater than current limit"
    ):
        register(Cluster.in_hand(), Lesson.read(folder), IMAGES, "v1")


def test_the_name_of_another_lessons_launch_plan_is_refused_before_anything_is_registered(
    service, tmp_path, monkeypatch
):
    folder, other = HERE / "scheduled", tmp_path / "other"
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    for version in ("v1", "v2"):
        register(Cluster.in_hand(), Lesson.read(folder), IMAGES, version)
    shutil.copytree(folder, other)
    (other / "scheduled_lesson").rename(other / "other_lesson")
    for file, old, new in (
        ("lesson.toml", "scheduled_lesson", "other_lesson"),
        ("other_lesson/workflow.py", '"often"', '"sometimes"'),
    ):
        (other / file).write_text((other / file).read_text().replace(old, new))
    kept = (service.admin.tasks, service.admin.workflows, service.admin.launch_plans)
    before = [list(entities) for entities in kept]
    facts = json.dumps({"version": "v1", "images": IMAGES})
    command = [sys.executable, "-m", "runner", "cluster-register", str(other), str(tmp_path), facts]
    environment = os.environ | {"FAST": "1"}
    process = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert process.returncode == 2
    assert process.stderr == (
        "make register: launch plan nightly already exists in flytesnacks/development, and starts "
        "scheduled_lesson.workflow.report, which is not part of other; nothing was registered; "
        "give the launch plan of other another name\n"
    )
    assert [list(entities) for entities in kept] == before
    assert not service.files.content


def test_code_is_uploaded_only_when_asked_for(service, lesson):
    register(Cluster.in_hand(), lesson, IMAGES, "v1")
    assert not service.files.content
    register(Cluster.in_hand(), lesson, IMAGES, "v1-fast", fast=True)
    assert not register(Cluster.in_hand(), lesson, IMAGES, "v1-fast", fast=True).new
    ((path, content),) = service.files.content.items()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = {member.name for member in archive if member.isfile()}
    shared = {f"workshop/{file.name}" for file in Path(workshop.__file__).parent.iterdir() if file.is_file()}
    assert files == {"example_lesson/__init__.py", "example_lesson/workflow.py"} | shared
    for key, request in service.admin.tasks.items():
        if key[3] == "v1-fast":
            container = request.spec.template.container
            assert container.image == IMAGES["default"]
            assert list(container.args[:5]) == [
                "pyflyte-fast-execute",
                "--additional-distribution",
                f"s3://store/{path}",
                "--dest-dir",
                "/home/flyte",
            ]
            assert {item.key: item.value for item in container.env}["PYTHONPATH"] == "/home/flyte:/app"


def test_uploaded_code_is_what_a_task_runs(service, lesson, tmp_path):
    """The command line as registered, with folders of this machine in the place of those of an image."""
    register(Cluster.in_hand(), lesson, IMAGES, "v1", fast=True)
    ((path, content),) = service.files.content.items()
    old, home, outputs = (tmp_path / name for name in ("app", "home", "outputs"))
    stale = old / "example_lesson"
    stale.mkdir(parents=True)
    (stale / "__init__.py").touch()
    (stale / "workflow.py").write_text("raise SystemExit('this is the code of the image')\n")
    home.mkdir()
    archive = tmp_path / Path(path).name
    archive.write_bytes(content)
    inputs = tmp_path / "inputs.pb"
    from flyteidl.core.literals_pb2 import LiteralMap

    literals = LiteralMap()
    literals.literals["name"].scalar.primitive.string_value = "Gentoo"
    inputs.write_bytes(literals.SerializeToString())
    request = service.admin.tasks["flytesnacks", "development", "example_lesson.workflow.greet", "v1"]
    places = {
        f"s3://store/{path}": str(archive),
        "/home/flyte": str(home),
        "{{.input}}": str(inputs),
        "{{.outputPrefix}}": str(outputs),
        "{{.rawOutputDataPrefix}}": str(tmp_path / "data"),
        "{{.checkpointOutputPrefix}}": str(tmp_path / "checkpoint"),
        "{{.prevCheckpointPrefix}}": '""',
    }
    container = request.spec.template.container
    command = [places.get(word, word) for word in container.args]
    command[0] = str(Path(sys.executable).with_name(command[0]))
    pythonpath = {item.key: item.value for item in container.env}["PYTHONPATH"]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": pythonpath.replace("/home/flyte", str(home)).replace("/app", str(old)),
    }
    process = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=old, timeout=120)
    assert (outputs / "outputs.pb").exists(), process.stderr + process.stdout
    found = LiteralMap.FromString((outputs / "outputs.pb").read_bytes())
    assert found.literals["o0"].scalar.primitive.string_value == "Hello, Gentoo!"


def test_the_command_prints_what_was_registered_and_where_to_see_it(service, tmp_path):
    facts = json.dumps({"version": "v1", "images": IMAGES})
    command = [sys.executable, "-m", "runner", "cluster-register", str(HERE / "example"), str(tmp_path), facts]
    process = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout.splitlines() == [
        "example: registered 2 tasks, 1 workflow, 1 launch plan as version v1 in flytesnacks/development",
        f"  image default: {IMAGES['default']}",
        f"  http://{service.endpoint}/console/projects/flytesnacks/domains/development/workflows/"
        "example_lesson.workflow.greeting_workflow",
    ]


def test_a_lesson_that_cannot_be_imported_leaves_no_trace(service, tmp_path, monkeypatch):
    folder = tmp_path / "broken"
    package = folder / "broken_lesson"
    package.mkdir(parents=True)
    (folder / "lesson.toml").write_text((HERE / "example" / "lesson.toml").read_text().replace("example_", "broken_"))
    (package / "__init__.py").touch()
    (package / "workflow.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    with pytest.raises(ClusterError, match="cannot be imported: ModuleNotFoundError"):
        register(Cluster.in_hand(), Lesson.read(folder), IMAGES, "v1", fast=True)
    assert not service.admin.tasks
    assert not service.files.content
