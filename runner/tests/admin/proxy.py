"""A network between a client and the service that is cut, or goes silent, when a test says so."""

import contextlib
import socket
import threading


class Proxy:
    """Hands bytes on in both directions.

    Attributes:
        port: where clients connect.
        open: whether it takes new connections.
        silent: whether it swallows what clients say.
    """

    def __init__(self, target: int):
        self.target = target
        self.open = True
        self.silent = False
        self.sockets: list[socket.socket] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.start(self.accept)

    def start(self, work, *arguments) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                if not self.open:
                    client.close()
                    continue
                self.sockets.append(client)
                if not self.silent:
                    upstream = socket.create_connection(("127.0.0.1", self.target))
                    self.sockets.append(upstream)
                    self.start(self.hand_on, client, upstream)
                    self.start(self.hand_on, upstream, client)

    def hand_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        self.close(source, sink)

    def close(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def cut(self, for_good: bool = True) -> None:
        """Drops every connection; for good, no new one is made."""
        self.open = not for_good
        self.close(*self.sockets)
        self.sockets.clear()

    def cut_for_a_moment(self) -> None:
        """Makes no new connection for a while, either."""
        self.cut()
        threading.Timer(0.2, lambda: setattr(self, "open", True)).start()

    def stop(self) -> None:
        self.cut()
        self.close(self.server)
