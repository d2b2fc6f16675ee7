"""The proxy that gRPC sends calls through, by environment variables, as gRPC reads them."""

import os
from ipaddress import ip_address, ip_network

# gRPC takes the first one that is set, and ignores those in capital letters.
PROXIES = ("grpc_proxy", "https_proxy", "http_proxy")
EXCEPTIONS = ("no_grpc_proxy", "no_proxy")


def proxy_of(endpoint: str) -> str:
    """The name of the variable whose proxy is on the way to an endpoint; empty if there is none.

    Its value stays out of messages: it may hold a password.
    """
    variable = next((name for name in PROXIES if os.environ.get(name)), "")
    exceptions = next((os.environ[name] for name in EXCEPTIONS if os.environ.get(name)), "")
    entries = [entry.strip() for entry in exceptions.split(",") if entry.strip()]
    return "" if any(excepts(entry, host_of(endpoint)) for entry in entries) else variable


def host_of(endpoint: str) -> str:
    host, colon, port = endpoint.rpartition(":")
    return host if colon and port.isdigit() else endpoint


def excepts(entry: str, host: str) -> bool:
    """Whether an entry of no_proxy, a network or the end of a name, holds for a host."""
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        return host.lower().endswith(entry.lower())
