"""What an execution gave: outputs as values, decks as files."""

from pathlib import Path
from typing import Any

import requests
from flyteidl.admin.execution_pb2 import WorkflowExecutionGetDataRequest
from flyteidl.core.identifier_pb2 import WorkflowExecutionIdentifier
from flyteidl.core.literals_pb2 import LiteralMap as LiteralMapMessage
from flyteidl.service.dataproxy_pb2 import ARTIFACT_TYPE_DECK, CreateDownloadLinkRequest
from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine
from flytekit.interaction.string_literals import literal_string_repr
from flytekit.models.literals import Literal, LiteralMap

from runner.cluster.connection import Cluster
from runner.cluster.errors import ClusterError
from runner.cluster.node_runs import NodeRun
from runner.records.files import write_atomically
from runner.records.literals import addresses
from runner.records.offline import offline

DECK_SECONDS = 30


def outputs(cluster: Cluster, execution: WorkflowExecutionIdentifier, types: dict[str, type]) -> dict[str, Any]:
    """The outputs as Python values; as text if their types are unknown or have changed since.

    Data in the cluster's store is not fetched: its address stands for it.
    """
    request = WorkflowExecutionGetDataRequest(id=execution)
    literals = whole(cluster, cluster.call(cluster.client.get_execution_data, request), "outputs").literals
    found = {}
    for name in [name for name in types if name in literals] or sorted(literals):
        is_typed = name in types and not list(addresses(literals[name]))
        found[name] = python_value(literals[name], types[name]) if is_typed else literal_string_repr(literals[name])
    return found


def python_value(literal: Literal, kind: type) -> Any:
    """A literal as a Python value; as text if it does not fit the type, which may be that of newer code."""
    try:
        return TypeEngine.to_python_value(FlyteContextManager.current_context(), literal, kind)
    except Exception:  # each of flytekit's types, and a user's own, raises what it likes
        return literal_string_repr(literal)


def whole(cluster: Cluster, answer: Any, what: str) -> LiteralMap:
    """Inputs or outputs, which the cluster gives inline, or if they are large as a file to fetch."""
    inline, large = getattr(answer, f"full_{what}"), getattr(answer, what)
    if large.url and not inline.literals:
        inline = LiteralMapMessage.FromString(fetched(cluster, large.url))
    return LiteralMap.from_flyte_idl(inline)


def fetched(cluster: Cluster, url: str) -> bytes:
    """What lies at a signed URL; raises ClusterError."""
    platform = cluster.remote.config.platform
    verify = False if platform.insecure_skip_verify else platform.ca_cert_file_path or True
    try:
        answer = requests.get(url, timeout=DECK_SECONDS, verify=verify)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise ClusterError(f"the cluster's store does not give it: {' '.join(str(error).split())[:200]}") from None
    return answer.content


def deck(cluster: Cluster, node: NodeRun, folder: Path) -> str:
    """Fetches a node's deck into its folder in a run's; returns its path there."""
    request = CreateDownloadLinkRequest(artifact_type=ARTIFACT_TYPE_DECK, node_execution_id=node.identifier)
    answer = cluster.call(cluster.client.create_download_link, request)
    urls = answer.pre_signed_urls.signed_url or answer.signed_url
    file = folder / "tasks" / f"{node.name}-{node.task or 'node'}" / "deck.html"
    content = fetched(cluster, urls[0]).decode("utf-8", errors="replace")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, offline(content))
    return str(file.relative_to(folder))
