"""A server that speaks Kaggle's endpoints, of client 1.7 and of 2.2, and can fail in the ways that a network does.

The real clients ask http://localhost where KAGGLE_API_ENVIRONMENT=LOCALHOST; the server stands in for that host as an
HTTP proxy, so that it needs no port of its own there.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

USER, KEY, TOKEN = "ada", "a-key", "a-token"
_BASIC = "Basic " + base64.b64encode(f"{USER}:{KEY}".encode()).decode()


class KaggleServer(ThreadingHTTPServer):
    """Holds a zip for each dataset.

    Attributes:
      zips: content by `<owner>/<name>`.
      cuts: after how many bytes each of the next answers ends; once it is empty they are whole.
      tag: ETag of every zip; "" for a server that sends none.
      status: what the API answers with in place of a redirect, if not 0.
      ranges: the Range header of each answer, "" for none.
      asked: requested paths, in order.
    """

    def __init__(self, **zips: bytes) -> None:
        self.zips, self.cuts, self.tag, self.status = zips, [], '"one"', 0
        self.ranges: list[str] = []
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        """Environment variables that direct a client to this server, with a separate home folder."""
        home.mkdir(exist_ok=True)
        proxy = f"http://127.0.0.1:{self.server_port}"
        return {
            "HOME": str(home),
            "KAGGLE_API_ENVIRONMENT": "LOCALHOST",
            "HTTP_PROXY": proxy,
            "http_proxy": proxy,
            "no_proxy": "",
            "NO_PROXY": "",
            **more,
        }


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        if path.startswith("/storage/"):
            self._send_zip(self.server.zips[path.removeprefix("/storage/").removesuffix(".zip")])
        elif path.startswith("/api/v1/datasets/download/"):  # 1.7
            self._redirect(path.removeprefix("/api/v1/datasets/download/"))
        else:
            self._send_json(404, {"code": 404, "message": "no such endpoint"})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        request = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
        if path == "/api/v1/datasets.DatasetApiService/DownloadDataset":  # 2.2
            self._redirect(f"{request['ownerSlug']}/{request['datasetSlug']}")
        elif path == "/api/v1/security.OAuthService/IntrospectToken":
            self._send_json(200, {"active": request["token"] == TOKEN, "username": USER})
        else:
            self._send_json(404, {"code": 404, "message": "no such endpoint"})

    def _redirect(self, name: str) -> None:
        if self.headers.get("Authorization") not in (_BASIC, f"Bearer {TOKEN}"):
            self._send_json(401, {"code": 401, "message": "Unauthenticated"})
        elif self.server.status:
            self._send_json(self.server.status, {"code": self.server.status, "message": "trouble"})
        elif name not in self.server.zips:
            self._send_json(404, {"code": 404, "message": "not found"})
        else:
            self.send_response(302)
            self.send_header("Location", f"http://localhost/storage/{name}.zip?signature=secret")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _send_zip(self, content: bytes) -> None:
        wanted, same = self.headers.get("Range", ""), self.headers.get("If-Range", self.server.tag) == self.server.tag
        first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and same else 0
        self.server.ranges.append(wanted)
        self.send_response(206 if first else 200)
        self.send_header("Content-Type", "application/zip")
        self.send_header("Content-Length", str(len(content) - first))
        self.send_header("Accept-Ranges", "bytes")
        if self.server.tag:
            self.send_header("ETag", self.server.tag)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        last = first + self.server.cuts.pop(0) if self.server.cuts else len(content)
        with suppress(ConnectionError):
            self.wfile.write(content[first:last])
        self.close_connection = True

    def _send_json(self, status: int, content: dict) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


@contextmanager
def kaggle_server(zips: dict[str, bytes]) -> Iterator[KaggleServer]:
    """A server in a thread."""
    server = KaggleServer(**zips)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
