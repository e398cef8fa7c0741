"""A host of Git repositories on this machine, by https and with a name of its own.

Who asks for the name goes through a proxy, as people in companies do: a port in the address would end up
in the name of the folder that the engine makes, and Python makes no virtual environment in a folder whose
name has a colon.
"""

import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import certifi
import trustme

HOST = "git.contoso.example"


@contextmanager
def git_server(repositories: Path, trust: Path) -> Iterator[dict[str, str]]:
    """Serve the bare repositories of a folder; yields what the engine needs to find and trust it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    # pip asks its registry in between: whom it trusted before, it is to trust still.
    known = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile or certifi.where()
    trust.write_bytes(Path(known).read_bytes() + b"\n" + authority.cert_pem.bytes())

    class Handler(_Handler):
        served = repositories
        certificate = context

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield {
                "HTTPS_PROXY": f"http://127.0.0.1:{server.server_port}",
                # Python reads this one first: pip goes where it went before.
                "https_proxy": os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY", ""),
                "SSL_CERT_FILE": str(trust),
            }
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers CONNECT for the one host, and then what is asked through it with `git http-backend`."""

    protocol_version = "HTTP/1.1"
    served: Path
    certificate: ssl.SSLContext

    def do_CONNECT(self) -> None:
        if self.path != f"{HOST}:443":
            self.send_error(502, "Only the one host is here")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.connection = self.certificate.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        # The server knows the socket beneath only.
        self.connection.close()

    def do_GET(self) -> None:
        self._git(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            self._git(b"".join(iter(self._chunk, b"")))
        else:
            self._git(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _chunk(self) -> bytes:
        chunk = self.rfile.read(int(self.rfile.readline(), 16))
        self.rfile.readline()
        return chunk

    def _git(self, body: bytes) -> None:
        asked = urlsplit(self.path)
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            check=True,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(self.served),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": asked.path,
                "QUERY_STRING": asked.query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            },
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        self.send_response(int(dict(headers).get("Status", "200").split()[0]))
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""
