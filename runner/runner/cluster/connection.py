"""The cluster in hand: where it is, and calls of it that end in time, with an answer or in one line."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

from flyteidl.admin.project_pb2 import ProjectListRequest
from flyteidl.core.identifier_pb2 import WorkflowExecutionIdentifier
from flytekit.clients.grpc_utils.deadline_interceptor import scoped_grpc_deadline
from flytekit.clients.raw import RawSynchronousFlyteClient
from flytekit.configuration import Config
from flytekit.models.core.identifier import WorkflowExecutionIdentifier as WorkflowExecutionModel
from flytekit.remote import FlyteRemote
from google.protobuf.message import Message

from runner.cluster.configuration import configuration
from runner.cluster.errors import ClusterError, NoAnswer, cluster_error
from runner.cluster.outage import Outage

# How long the cluster may take to answer.
CALL_SECONDS = 30
# How long all of a call may take, with the login by a browser that it may ask for, or an upload; and when that is said.
WHOLE_SECONDS = 300
PATIENCE_SECONDS = 8
PAGE = 100


class Cluster:
    """A project and a domain of a Flyte cluster.

    Attributes:
        remote: flytekit's client; call it by `call`.
        project, domain: where the lessons are on the cluster.
        endpoint: the cluster's address.
        insecure: whether it speaks plain text.
        outage: how long calls wait for a cluster that does not answer; at first not at all.
    """

    def __init__(self, config: Config, project: str, domain: str):
        self.remote = FlyteRemote(config, project, domain, interactive_mode_enabled=False)
        self.project = project
        self.domain = domain
        self.endpoint = config.platform.endpoint
        self.insecure = config.platform.insecure
        self.outage = Outage(f"the cluster at {self.endpoint}", 0)

    @property
    def client(self) -> RawSynchronousFlyteClient:
        """The client whose methods take and give protobufs."""
        return self.remote.client.raw

    @classmethod
    def in_hand(cls) -> "Cluster":
        """The cluster that the environment names, once it has answered that it has the project and the domain.

        Raises:
            ClusterError: there is none, it is not reached, or it lacks the project or the domain.
        """
        project, domain = os.environ.get("FLYTE_PROJECT") or "flytesnacks", os.environ.get("DOMAIN") or "development"
        cluster = cls(configuration(), project, domain)
        cluster.check()
        return cluster

    def patient(self) -> "Cluster":
        """The cluster, whose calls from now on ride out an outage: it has answered once, and work is under way."""
        self.outage = Outage(self.outage.what)
        return self

    def call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Calls flytekit's client; raises ClusterError for whatever goes wrong, and when there is no answer in time."""
        return self.outage.ride_out(lambda: self.call_once(function, *arguments, **named))

    def call_once(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        try:
            whole = at_most(WHOLE_SECONDS, self.outage.what, is_told=self.outage.is_told)
            with whole, scoped_grpc_deadline(CALL_SECONDS):
                return function(*arguments, **named)
        except TooLong as late:
            raise NoAnswer(str(late)) from None
        except Exception as error:
            raise cluster_error(error, self.endpoint, CALL_SECONDS) from error

    def pages(self, method: Callable[[Message], Message], request: Message, items: str) -> Iterator[Any]:
        """The items of a list that comes in pages: the method of the raw client, its request, the field with them."""
        request.limit = PAGE
        while True:
            answer = self.call(method, request)
            yield from getattr(answer, items)
            if not answer.token:
                return
            request.token = answer.token

    def console(self, workflow: str) -> str:
        """The address of a workflow in Flyte's console."""
        domain = self.remote.generate_console_http_domain()
        return f"{domain}/console/projects/{self.project}/domains/{self.domain}/workflows/{workflow}"

    def console_of(self, execution: WorkflowExecutionIdentifier) -> str:
        """The address of an execution in Flyte's console."""
        return self.remote.generate_console_url(WorkflowExecutionModel.from_flyte_idl(execution))

    def check(self) -> None:
        """Raises ClusterError unless the cluster answers, and has the project and the domain."""
        # Made in a call: a wrong admin.authType is one line too.
        self.call(getattr, self.remote, "client")
        projects = self.pages(self.client.list_projects, ProjectListRequest(), "projects")
        known = {project.id: [domain.id for domain in project.domains] for project in projects}
        if self.project not in known:
            raise ClusterError(
                f"the cluster at {self.endpoint} has no project {self.project!r}, only {', '.join(known) or 'none'}; "
                "name one by FLYTE_PROJECT, or make it, and wait a minute: "
                f"flytectl create project --id {self.project} --name {self.project} "
                f"--admin.endpoint dns:///{self.endpoint}{' --admin.insecure' * self.insecure}"
            )
        if self.domain not in known[self.project]:
            domains = ", ".join(known[self.project])
            raise ClusterError(
                f"the cluster at {self.endpoint} has no domain {self.domain!r}, only {domains}; name one by DOMAIN"
            )


class TooLong(BaseException):
    """The time for something is over. Not an Exception: gRPC would take it for a call to try again."""


@contextlib.contextmanager
def at_most(seconds: float, what: str, is_told: bool = False) -> Iterator[None]:
    """Raises TooLong when the block under `with` takes longer, whatever it waits for. Main thread only.

    `is_told` keeps it from saying that it waits.
    """

    def over(*_: Any) -> None:
        raise TooLong(f"{what}: a login, an upload or a call did not end within {seconds:g} s; try again")

    def say(*_: Any) -> None:
        print(f"waiting for {what}, {seconds:g} s at most: for an answer, a login or an upload", flush=True)
        signal.signal(signal.SIGALRM, over)
        signal.setitimer(signal.ITIMER_REAL, max(seconds - PATIENCE_SECONDS, 0.01))

    patient = seconds > PATIENCE_SECONDS and not is_told
    before = signal.signal(signal.SIGALRM, say if patient else over)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_SECONDS if patient else seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
