"""The store behind signed URLs: what is put into it, and what can be got."""

import base64
import hashlib
import http.server
import threading


class Files:
    """A file server on this machine.

    Attributes:
        content: what is stored, by path.
    """

    def __init__(self):
        self.content: dict[str, bytes] = {}
        files = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                digest = hashlib.md5(body, usedforsecurity=False).digest()
                if self.headers.get("Content-MD5") != base64.b64encode(digest).decode():
                    self.send_error(400, "the MD5 does not fit the content")
                    return
                files.content[self.path.lstrip("/")] = body
                self.send_response(200)
                self.end_headers()

            def do_GET(self):
                body = files.content.get(self.path.lstrip("/"))
                if body is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        """The signed URL of a path."""
        return f"http://127.0.0.1:{self.server.server_port}/{path}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
