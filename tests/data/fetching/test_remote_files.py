"""Files from a test server are fetched once, all or none."""

import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from data.fetching import remote_files
from data.fetching.remote_files import fetch_all, is_address, Unreachable

SUFFIXES = (".index", ".data-00000-of-00001")


class Server(ThreadingHTTPServer):
    """Serves a folder and records the requests."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *arguments) -> None:
        pass


class _Breaking(BaseHTTPRequestHandler):
    """Ends the response within the file, or does not speak HTTP."""

    def do_GET(self) -> None:
        if "cut" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half of it")
        else:
            self.wfile.write(b"this is not HTTP\r\n\r\n")

    def log_message(self, *arguments) -> None:
        pass


def serving(server: ThreadingHTTPServer) -> Iterator[ThreadingHTTPServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "served" / "bucket" / "my nets"
    folder.mkdir(parents=True)
    for suffix in SUFFIXES:
        (folder / f"ckpt-7{suffix}").write_text(f"content of {suffix}")
    yield from serving(Server(tmp_path / "served"))


@pytest.fixture
def breaking_server() -> Iterator[ThreadingHTTPServer]:
    yield from serving(ThreadingHTTPServer(("127.0.0.1", 0), _Breaking))


def assert_nothing_kept(cache: Path) -> None:
    assert list((cache / "downloads").iterdir()) == []


def test_files_are_fetched_once_into_one_folder(server: Server, tmp_path: Path):
    address = f"{server.address}/bucket/my%20nets/ckpt-7"
    prefix = fetch_all(address, SUFFIXES, tmp_path / "cache")
    assert prefix.name == "ckpt-7"
    for suffix in SUFFIXES:
        assert Path(f"{prefix}{suffix}").read_text() == f"content of {suffix}"
    assert len(server.asked) == 2
    assert fetch_all(address, SUFFIXES, tmp_path / "cache") == prefix
    assert len(server.asked) == 2
    assert len(list((tmp_path / "cache" / "downloads").iterdir())) == 1


def test_other_addresses_of_one_name_are_kept_apart(server: Server, tmp_path: Path):
    other = tmp_path / "served" / "other"
    other.mkdir()
    for suffix in SUFFIXES:
        (other / f"ckpt-7{suffix}").write_text("other")
    first = fetch_all(f"{server.address}/bucket/my%20nets/ckpt-7", SUFFIXES, tmp_path)
    second = fetch_all(f"{server.address}/other/ckpt-7", SUFFIXES, tmp_path)
    assert first != second
    assert first.with_name("ckpt-7.index").read_text() == "content of .index"
    assert second.with_name("ckpt-7.index").read_text() == "other"


def test_google_buckets_are_read_through_their_public_address(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert remote_files._BUCKETS == "https://storage.googleapis.com/"
    monkeypatch.setattr(remote_files, "_BUCKETS", f"{server.address}/")
    prefix = fetch_all("gs://bucket/my nets/ckpt-7", SUFFIXES, tmp_path)
    assert Path(f"{prefix}.index").read_text() == "content of .index"
    assert server.asked[0] == "/bucket/my%20nets/ckpt-7.index"


def test_what_is_not_there_is_unreachable(server: Server, tmp_path: Path):
    with pytest.raises(Unreachable, match=r"404 File not found"):
        fetch_all(f"{server.address}/bucket/ckpt-8", SUFFIXES, tmp_path)
    assert_nothing_kept(tmp_path)


def test_when_half_of_the_files_are_there_nothing_is_kept(server: Server, tmp_path: Path):
    last = tmp_path / "served" / "bucket" / "my nets" / f"ckpt-7{SUFFIXES[1]}"
    last.rename(tmp_path / "aside")
    address = f"{server.address}/bucket/my%20nets/ckpt-7"
    with pytest.raises(Unreachable, match="404"):
        fetch_all(address, SUFFIXES, tmp_path)
    assert_nothing_kept(tmp_path)
    (tmp_path / "aside").rename(last)
    assert Path(f"{fetch_all(address, SUFFIXES, tmp_path)}{SUFFIXES[1]}").is_file()


def test_a_port_without_a_server_is_unreachable(tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable, match="refused"):
        fetch_all(f"http://127.0.0.1:{port}/ckpt-7", SUFFIXES, tmp_path)
    assert_nothing_kept(tmp_path)


def test_a_server_that_never_answers_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remote_files, "TIMEOUT_SECONDS", 0.2)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(Unreachable, match="timed out"):
            fetch_all(f"http://127.0.0.1:{silent.getsockname()[1]}/ckpt-7", SUFFIXES, tmp_path)
    assert_nothing_kept(tmp_path)


@pytest.mark.parametrize("what", ["cut", "babble"])
def test_an_incomplete_response_is_refused(breaking_server: ThreadingHTTPServer, tmp_path: Path, what: str):
    with pytest.raises(Unreachable):
        fetch_all(f"http://127.0.0.1:{breaking_server.server_port}/{what}", SUFFIXES, tmp_path)
    assert_nothing_kept(tmp_path)


def test_an_unknown_host_is_unreachable(tmp_path: Path):
    with pytest.raises(Unreachable):
        fetch_all("http://no such host/ckpt-7", SUFFIXES, tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gs://bucket/ckpt-1", True),
        ("https://host/ckpt-1", True),
        ("http://host/ckpt-1", True),
        ("/data/ckpt-1", False),
        ("ckpt-1", False),
        ("", False),
    ],
)
def test_addresses_are_distinguished_from_paths(text: str, expected: bool):
    assert is_address(text) == expected
