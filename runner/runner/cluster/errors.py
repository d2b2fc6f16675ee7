"""What goes wrong on the way to a cluster, in one line that ends with the next step."""

import re

import grpc
from flytekit.clients.auth.exceptions import AccessTokenNotFoundError, AuthenticationError, AuthenticationPending

from runner.cluster.proxies import host_of, proxy_of
from runner.errors import Stop, both_ends

LONGEST = 400


class ClusterError(Stop):
    """What is wrong, and the next step, in one line."""


class NoAnswer(ClusterError):
    """The cluster was not reached, or did not answer; a moment later it may."""


class NotFound(ClusterError):
    """The cluster does not have it."""


class AlreadyThere(ClusterError):
    """The cluster has the very same already."""


class OtherContent(ClusterError):
    """The same version is there, with other content."""


# What gRPC says of a connection that was not made, what it means, and what to do.
CONNECTIONS = [
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "its certificate is not trusted here; name the authority's file: admin.caCertFilePath in the configuration",
    ),
    (
        r"WRONG_VERSION_NUMBER|[Hh]andshake",
        "it does not speak TLS; for a cluster without: admin.insecure: true in the configuration, or "
        "FLYTE_PLATFORM_INSECURE=true",
    ),
    (
        r"http1\.x|HTTP/1|http2 header with status|Failed parsing HTTP/2",
        "it is something else than Flyte's admin service; check the port (a sandbox's is 30080)",
    ),
    (
        r"refused",
        "nothing listens there; start a sandbox (make sandbox-up), or name your cluster by FLYTECTL_CONFIG",
    ),
    (r"DNS|resolution|resolving|lookup", "there is no such host; check the endpoint in the configuration"),
    (
        r"Socket closed|Stream removed|[Rr]eset by peer|[Cc]onnection (closed|reset)|recvmsg|GOAWAY|Broken pipe"
        r"|settings frame",
        "the connection was closed; try again, and if it stays so: a cluster that speaks TLS needs "
        "admin.insecure: false, or FLYTE_PLATFORM_INSECURE=false",
    ),
]
# What went wrong with TLS, once a proxy had let the call through.
TLS = re.compile("|".join(pattern for pattern, _ in CONNECTIONS[:2]))
# How the admin service reports that its own database, or its store, did not answer it.
BEHIND = re.compile(r"unexpected error type for|failed ")
CREDENTIALS = (
    "it refuses your credentials, or they have expired; log in again, and check admin.authType in the configuration"
)
LOGIN = (AccessTokenNotFoundError, AuthenticationError, AuthenticationPending)


def causes(error: BaseException) -> list[BaseException]:
    """An error, and what it was raised from."""
    found = [error]
    while following := found[-1].__cause__ or found[-1].__context__:
        found.append(following)
    return found


def one_line(text: str) -> str:
    return both_ends(text, LONGEST)


def status_of(error: BaseException) -> tuple[grpc.StatusCode | None, str]:
    """The status with which a call ended, and the server's words, if that is what is behind an error."""
    for cause in causes(error):
        if isinstance(cause, grpc.RpcError) and hasattr(cause, "code"):
            return cause.code(), cause.details() or ""
    return None, ""


def cluster_error(error: BaseException, endpoint: str, seconds: float) -> ClusterError:
    """What an error of flytekit's client means; `seconds` is how long a call may take."""
    code, details = status_of(error)
    where = f"the cluster at {endpoint}"
    Code = grpc.StatusCode
    if code == Code.UNAUTHENTICATED or any(isinstance(cause, LOGIN) for cause in causes(error)):
        login = next((cause for cause in causes(error) if isinstance(cause, LOGIN)), details)
        return ClusterError(one_line(f"{where}: {CREDENTIALS} ({login})"))
    if code in (Code.DEADLINE_EXCEEDED, Code.UNAVAILABLE) and not TLS.search(details) and (proxy := proxy_of(endpoint)):
        step = f"if the cluster needs no proxy: export no_proxy={host_of(endpoint)}; else check the proxy"
        return NoAnswer(one_line(f"{where} was not reached through the proxy that {proxy} names; {step} ({details})"))
    if code == Code.DEADLINE_EXCEEDED:
        return NoAnswer(f"{where} did not answer within {seconds:g} s; try again, or check its health")
    if code in (Code.UNAVAILABLE, Code.UNKNOWN, Code.UNIMPLEMENTED, Code.INTERNAL):
        meaning = next((meaning for pattern, meaning in CONNECTIONS if re.search(pattern, details)), "")
        if code == Code.INTERNAL and BEHIND.match(details):
            return NoAnswer(one_line(f"{where} reported an internal error; retry, or contact its operator ({details})"))
        if meaning:
            # gRPC puts words of its own, and every address that it tried, before the last error.
            words = details.rpartition("last error: ")[2]
            return NoAnswer(one_line(f"{where} was not reached: {meaning} ({words})"))
        if code == Code.UNIMPLEMENTED:
            return ClusterError(f"{where} was not reached: {CONNECTIONS[2][1]}")
        if code == Code.UNAVAILABLE:
            return NoAnswer(one_line(f"{where} is not available; try again ({details})"))
    if code == Code.NOT_FOUND:
        return NotFound(one_line(f"{where} does not have it: {details}"))
    if code == Code.ALREADY_EXISTS:
        return AlreadyThere(one_line(f"{where} has it already: {details}"))
    if code == Code.PERMISSION_DENIED:
        return ClusterError(one_line(f"{where} does not let you: {details}; ask who runs it"))
    if code == Code.INVALID_ARGUMENT and "different structure" in details:
        return OtherContent(details)
    if code is not None:
        return ClusterError(one_line(f"{where} refuses: {details or code.name}"))
    return ClusterError(one_line(f"{where}: {type(error).__name__}: {error}"))
