"""Ports for servers that cannot be asked to choose one themselves."""

import contextlib
import random
import socket


def free_port() -> int:
    """A free port that no outgoing connection gets from the system: a server that comes back finds it free, too."""
    for port in random.sample(range(20000, 30000), 100):
        with contextlib.suppress(OSError), socket.create_server(("", port)):
            return port
    raise AssertionError("no port is free")
