"""An index with a password, behind a certificate of its own, as companies have it: neither gets into an image."""

import base64
import hashlib
import http.server
import os
import ssl
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.images.bake import bake_command
from tools.registry_tests.conftest import TLS, own_address

WORD = "secret-word"


def wheel(folder: Path, name: str, files: dict[str, str]) -> str:
    """Makes version 1.0 of a package, and returns the line that locks it."""
    file = folder / f"{name}-1.0-py3-none-any.whl"
    facts = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in (files | {f"{name}-1.0.dist-info/{path}": text for path, text in facts.items()}).items():
            archive.writestr(path, text)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@dataclass(frozen=True)
class Index:
    """A package index and what a machine must know of it; `taken` are the wheels that were fetched."""

    folder: Path
    address: str
    certificates: Path
    taken: list[str]


def made(words: list, certificate: Path, key: Path) -> Path:
    """Makes a certificate, and returns it."""
    subprocess.run([*TLS, *words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    folder = tmp_path / "wheels"
    folder.mkdir()
    taken: list[str] = []
    authority = [tmp_path / "authority.pem", tmp_path / "authority-key.pem"]
    certificate = [tmp_path / "certificate.pem", tmp_path / "key.pem"]
    made([], *authority)
    facts = ["-addext", f"subjectAltName=IP:{own_address()}", "-addext", "basicConstraints=critical,CA:FALSE"]
    made(["-CA", authority[0], "-CAkey", authority[1], *facts], *certificate)
    authorized = "Basic " + base64.b64encode(f"user:{WORD}".encode()).decode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name, body = Path(self.path).name, b""
            known = self.headers.get("Authorization") == authorized
            if known and self.path.endswith("/"):
                body = "".join(f'<a href="/{file.name}">{file.name}</a>' for file in folder.glob(f"{name}-*")).encode()
            elif known:
                taken.append(name)
                body = (folder / name).read_bytes()
            self.send_response(200 if known else 401)
            self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/zip")
            self.send_header("Content-Length", str(len(body)))
            if not known:
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # noqa: S104  (builds ask from containers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Index(folder, f"https://user:{WORD}@{own_address()}:{server.server_port}/simple", authority[0], taken)
    server.shutdown()


def bake(
    index: Index, monkeypatch: pytest.MonkeyPatch, *words: str, certificates: str = ""
) -> subprocess.CompletedProcess:
    monkeypatch.setenv("INDEX", index.address)
    monkeypatch.setenv("CERTIFICATES", certificates or str(index.certificates))
    monkeypatch.setenv("WHEELS", "images/wheels")
    return subprocess.run(**bake_command(["--progress", "plain", *words]), capture_output=True, text=True)


def test_uv_comes_from_the_index(index, tmp_path, monkeypatch):
    script = {"uv-1.0.data/scripts/uv": "#!python\n"}
    (tmp_path / "uv.txt").write_text(wheel(index.folder, "uv", script))
    told = bake(index, monkeypatch, "uv", "--set", f"uv.contexts.tools={tmp_path}")
    assert told.returncode == 0, told.stderr
    assert index.taken == ["uv-1.0-py3-none-any.whl"]
    assert WORD not in told.stdout + told.stderr


def test_packages_come_from_the_index_and_the_image_knows_of_neither(index, tmp_path, monkeypatch):
    name = f"secret-test:{os.getpid()}"
    (tmp_path / "requirements.txt").write_text(wheel(index.folder, "tiny", {"tiny.py": ""}))
    words = ["tabular", "--set", f"tabular.contexts.lock={tmp_path}", "--set", f"tabular.tags={name}"]
    told = bake(index, monkeypatch, *words)
    assert told.returncode == 0, told.stderr
    try:
        assert index.taken == ["tiny-1.0-py3-none-any.whl"]
        saved = tmp_path / "saved.tar"
        subprocess.run(["docker", "save", "--output", saved, name], check=True)
        look = "import tiny, os; print(os.path.exists('/run/secrets'), os.path.exists('/etc/uv'))"
        ran = subprocess.run(["docker", "run", "--rm", name, "python", "-c", look], capture_output=True, text=True)
        assert ran.stdout == "False False\n"
        history = subprocess.run(["docker", "history", "--no-trunc", name], capture_output=True, text=True).stdout
        for text in (saved.read_bytes(), history.encode(), (told.stdout + told.stderr).encode()):
            assert WORD.encode() not in text
            assert index.certificates.read_bytes().splitlines()[1] not in text
    finally:
        subprocess.run(["docker", "image", "rm", name], capture_output=True)


def test_without_its_certificate_the_index_is_not_trusted(index, tmp_path, monkeypatch):
    (tmp_path / "requirements.txt").write_text(wheel(index.folder, "tiny", {"tiny.py": "wanted = 1\n"}))
    other = made([], tmp_path / "other.pem", tmp_path / "other-key.pem")
    words = ["tabular", "--set", f"tabular.contexts.lock={tmp_path}", "--set", "tabular.output=type=cacheonly"]
    told = bake(index, monkeypatch, *words, certificates=str(other))
    assert told.returncode != 0
    assert "certificate" in told.stderr
    assert index.taken == []
