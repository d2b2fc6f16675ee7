"""pytest fixtures that run a lesson's cases on any tier; a lesson's tests/conftest.py loads them.

    --tier local    as `make run` does: by the harness, every task in a process (the default)
    --tier image    every task in a container of its image, by the harness
    --tier cluster  on the cluster in hand, on which the lesson is registered in the version of --registered

A test that takes `case` runs once for every case in the lesson's lesson.toml, on every tier, and one marked
`every_tier` on the local and the image tier. One that takes `image` runs on the image tier only, all others on
the local one.
"""

import contextlib
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flytekit.core import local_cache
from flytekit.core.workflow import WorkflowBase

from runner.errors import Stop
from runner.harness.calls import SUCCEEDED, read_attempt
from runner.harness.execution import run_in_containers, run_in_processes
from runner.harness.forks import Server, started
from runner.lesson import TIERS, Case, Lesson, images, workflow
from runner.records.errors import reason
from runner.records.run_folder import Run

COMPLAINT = re.compile(r"\b(WARN|WARNING|ERROR|CRITICAL)\b|\w(Warning|Error): |^Traceback ")
# Spark's: its package has no native code of Hadoop's, a container without a network has no hardware address.
HARMLESS = re.compile(r"WARN (NativeCodeLoader|MacAddressUtil): ")
SERVER = pytest.StashKey[Server | None]()
Execute = Callable[[str, dict[str, Any]], dict[str, Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lesson")
    group.addoption("--tier", choices=TIERS, default="local")
    group.addoption(
        "--images",
        type=lambda text: images(json.loads(text)),
        default=images({}),
        help="the lesson's images, as for `python -m runner run`",
    )
    group.addoption("--registered", default="", help="the version in which the cluster tier runs the lesson")
    group.addoption("--out", type=Path, help="where records are kept; default: a temporary folder")


def pytest_configure(config: pytest.Config) -> None:
    """Gives the tests a cache of their own: a hit in the user's would hide broken code."""
    config.addinivalue_line("markers", "every_tier: run it on the image tier too")
    # flytekit's, where it reads the version of click.
    config.addinivalue_line("filterwarnings", "ignore:The '__version__' attribute is deprecated:DeprecationWarning")
    folder = tempfile.TemporaryDirectory(prefix="cache-")
    config.add_cleanup(folder.cleanup)
    local_cache.CACHE_LOCATION = folder.name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        tier = metafunc.config.getoption("tier")
        every = Lesson.read(Path(metafunc.module.__file__).parents[1]).cases
        cases = [case for case in every if tier in case.tiers]
        metafunc.parametrize("case", cases, ids=[case.name for case in cases])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    def tiers(item: pytest.Item) -> tuple[str, ...]:
        names = getattr(item, "fixturenames", ())
        if "case" in names:
            return TIERS
        if item.get_closest_marker("every_tier"):
            return ("local", "image")
        return ("image",) if "image" in names else ("local",)

    # A check of an exercise runs on the tier that it is started for.
    chosen = config.getoption("tier")
    items[:] = [item for item in items if item.path.parent.name == "exercises" or chosen in tiers(item)]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Forks the server of attempts while this process has imported the lesson and its tests, and has run none."""
    fixtures = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    if session.config.getoption("tier") == "local" and fixtures & {"execute", "recorded"}:
        server = session.config.stash[SERVER] = started()
        if server:
            session.config.add_cleanup(server.close)


@pytest.fixture
def image(request: pytest.FixtureRequest) -> str:
    """The reference of the lesson's default image."""
    return request.config.getoption("images")["default"].reference


@pytest.fixture
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """The lesson whose tests these are."""
    return Lesson.read(request.path.parents[1])


@pytest.fixture
def addresses() -> list[str]:
    """Where the executions of this test are to be seen, on the cluster tier."""
    return []


@pytest.fixture
def execute(request: pytest.FixtureRequest, lesson: Lesson, tmp_path: Path) -> Execute:
    """Runs a workflow of the lesson on the tier of `--tier`: entry point and inputs to outputs by name."""
    tier = request.config.getoption("tier")

    def by_harness(entry_point: str, inputs: dict[str, Any]) -> dict[str, Any]:
        entity, images = workflow(entry_point), request.config.getoption("images")
        given = {**entity.python_interface.default_inputs_as_kwargs, **inputs}
        target = "test-image" if tier == "image" else "test"
        out = request.config.getoption("out") or tmp_path
        run = Run.start(lesson, entry_point, out, f"make {target} PROJECT={lesson.name}", given)
        print(f"\n{request.node.name}")
        try:
            if tier == "image":
                outputs = run_in_containers(run, entity, given, images)
            else:
                # A result that an earlier test has left would hide broken code.
                with_cache, server = out == tmp_path, request.config.stash.get(SERVER, None)
                outputs = run_in_processes(run, entity, given, images, with_cache, server=server)
        finally:
            run.tell()
        if tier == "image":
            warns = request.getfixturevalue("case").warns if "case" in request.fixturenames else ""
            assert_complaints(complaints(run.nodes), warns)
        return outputs

    def by_cluster(entry_point: str, inputs: dict[str, Any]) -> dict[str, Any]:
        from runner.cluster.cases import execute

        print(f"\n{request.node.name}")
        out = request.config.getoption("out") or tmp_path
        version = request.config.getoption("registered")
        return execute(lesson, entry_point, inputs, version, out, request.getfixturevalue("addresses").append)

    if tier == "cluster":
        return by_cluster
    return by_harness


@pytest.fixture
def recorded(request: pytest.FixtureRequest, lesson: Lesson, tmp_path: Path) -> Callable[..., Run]:
    """Runs a workflow, a test's own for example, as `make run` does; the record of the run says how it ended."""

    def recorded(entity: WorkflowBase, **inputs: Any) -> Run:
        given = {**entity.python_interface.default_inputs_as_kwargs, **inputs}
        run = Run.start(lesson, entity.name, tmp_path, f"make test PROJECT={lesson.name}", given)
        with contextlib.suppress(Exception):
            images, server = request.config.getoption("images"), request.config.stash.get(SERVER, None)
            run_in_processes(run, entity, given, images, server=server)
        return run

    return recorded


def complaints(nodes: Path) -> list[str]:
    """The warnings and errors in the logs of those attempts of a run that succeeded; others have to say why."""
    attempts = [file.parent for file in nodes.rglob("attempt.json") if read_attempt(file).outcome == SUCCEEDED]
    lines = [line for folder in attempts for line in (folder / "log.txt").read_text(errors="replace").splitlines()]
    return [line for line in lines if COMPLAINT.search(line) and not HARMLESS.search(line)]


def assert_complaints(found: list[str], warns: str) -> None:
    """Fails unless tasks warned of what a case says, and of nothing else."""
    assert [line for line in found if not warns or not re.search(warns, line)] == []
    assert found or not warns


@pytest.fixture
def check(
    request: pytest.FixtureRequest, execute: Execute, lesson: Lesson, addresses: list[str]
) -> Callable[[Case], None]:
    """Runs a case, and fails unless it ends as the case says: with what was expected, what came, and where to look."""
    from runner.local.options import inputs_of_case

    tier = request.config.getoption("tier")
    on_cluster = tier == "cluster"

    def check(case: Case) -> None:
        wanted, got, raised = dict(case.outputs), {}, ""
        try:
            # A container or a cluster gets a copy of a file, as the run on a cluster does.
            inputs = inputs_of_case(workflow(case.entry_point), lesson, case, remote=tier != "local")
        except Stop as stop:
            pytest.fail(str(stop), pytrace=False)
        try:
            got = execute(case.entry_point, inputs)
        except Exception as error:
            if not (case.fails or on_cluster):
                raise  # an unexpected error is shown with its traceback, which a cluster has and this process has not
            raised = reason(error)
        if case.fails:
            expected, found = f"an error with {case.fails!r}", raised or f"no error, and {in_words(got)}"
            is_right = bool(re.search(case.fails, raised))
        else:
            other = {name: value for name, value in wanted.items() if raised or not is_equal(got.get(name), value)}
            expected, found = in_words(other), raised or in_words({name: got.get(name) for name in other})
            is_right = not other and not raised
        if not is_right:
            where = "".join(f"\n  execution: {address}" for address in addresses)
            pytest.fail(f"case {case.name!r}\n  expected:  {expected}\n  got:       {found}{where}", pytrace=False)

    return check


def is_equal(found: Any, expected: Any) -> bool:
    """Whether an output has the value that a case expects; figures may differ by 1e-9 of themselves."""
    return found == (pytest.approx(expected, rel=1e-9) if isinstance(expected, float) else expected)


def assert_outputs(outputs: dict[str, Any], expected: dict[str, Any]) -> None:
    """Fails unless every expected output is there with its value."""
    assert {name: outputs[name] for name, value in expected.items() if not is_equal(outputs[name], value)} == {}


def in_words(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in values.items()) or "outputs, any"
