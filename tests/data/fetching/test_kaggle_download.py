"""Downloads by the real Kaggle client from a test server, through train.py, and their failures."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from kaggle_server import kaggle_server, KaggleServer, KEY, TOKEN, USER
from PIL import Image
from programs import REPOSITORY, Run, Start
from signverod_files import PAGES, write_pictures, write_tables

pytestmark = pytest.mark.slow

SIGNVEROD = "victordibia/signverod"
CEDAR = "shreelakshmigp/cedardataset"
GOOD = {"KAGGLE_USERNAME": USER, "KAGGLE_KEY": KEY}
WORDS = (
    "mode=prepare",
    "dataset=cedar",
    "dataset.root=raw/cedar",
    "dataset.held_out_writers=[2]",
    "dataset.synthetic_writers=0",
    "dataset.variants=1",
    "dataset.noise_layers=2",
)


def cedar_zip(**more: bytes) -> bytes:
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for writer in (1, 2):
            for number in range(3):
                scan = np.full((200, 300), 255, np.uint8)
                scan[90:100, 20:280] = rng.integers(0, 100, (10, 260))
                file = io.BytesIO()
                Image.fromarray(scan).save(file, "PNG")
                zipped.writestr(f"signatures/full_org/original_{writer}_{number}.png", file.getvalue())
        for name, content in more.items():
            zipped.writestr(name, content)
    return buffer.getvalue()


ZIP = cedar_zip(padding=np.random.default_rng(1).bytes(300_000))


@pytest.fixture
def server() -> Iterator[KaggleServer]:
    with kaggle_server({CEDAR: ZIP}) as running:
        yield running


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_API_TOKEN", "KAGGLE_CONFIG_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


def left_in(folder: Path) -> list[str]:
    """Everything in the raw folder except the lock and the dataset."""
    return sorted(path.name for path in folder.glob("*") if not path.name.endswith(".lock"))


def assert_refused(result, folder: Path, *words: str) -> None:
    assert result.returncode == 1, result.stdout
    first, *remedies = result.stderr.splitlines()
    for word in words:
        assert re.search(word, first), result.stderr
    assert remedies
    assert all(line.startswith("  ") for line in remedies)
    assert left_in(folder / "raw") == []


def accounts(home: Path) -> dict[str, dict[str, str]]:
    (home / ".kaggle").mkdir(parents=True, exist_ok=True)
    return {"name and key": GOOD, "token": {"KAGGLE_API_TOKEN": TOKEN}, "token file": {}, "kaggle.json": {}}


@pytest.mark.parametrize("account", ["name and key", "token", "token file", "kaggle.json"])
def test_a_dataset_is_fetched_with_every_kind_of_account(run: Run, server: KaggleServer, tmp_path: Path, account: str):
    home = tmp_path / "home"
    variables = accounts(home)[account]
    if account == "kaggle.json":
        file = home / ".kaggle" / "kaggle.json"
        file.write_text(f'{{"username": "{USER}", "key": "{KEY}"}}')
        file.chmod(0o600)
    if account == "token file":
        (home / ".kaggle" / "access_token").write_text(TOKEN + "\n")
    result = run(*WORDS, cwd=tmp_path, **server.environment(home, **variables))
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "Dataset URL" not in result.stdout
    assert "3 signatures to train on, 3 validation pairs" in result.stdout
    assert left_in(tmp_path / "raw") == ["cedar"]
    assert len(list((tmp_path / "raw/cedar/signatures/full_org").iterdir())) == 6
    asked = len(server.asked)
    assert run(*WORDS, cwd=tmp_path, **server.environment(home, **variables)).returncode == 0
    assert len(server.asked) == asked


def test_signverod_is_fetched_and_split_in_one_command(run: Run, tmp_path: Path):
    write_tables(tmp_path / "made", train=PAGES, test=(PAGES[1], PAGES[5]))
    write_pictures(tmp_path / "made")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for file in sorted(path for path in (tmp_path / "made").rglob("*") if path.is_file()):
            zipped.write(file, Path("signverod") / file.relative_to(tmp_path / "made"))
    with kaggle_server({SIGNVEROD: buffer.getvalue()}) as server:
        words = ("mode=prepare", "dataset=signverod", "dataset.split=clean")
        result = run(*words, cwd=tmp_path, **server.environment(tmp_path / "home", **GOOD))
    assert result.returncode == 0, result.stderr
    assert "8 pages with 11 boxes" in result.stdout
    assert "documents in both splits: 0" in result.stdout
    assert left_in(tmp_path / "data" / "raw") == ["signverod"]


def test_training_fetches_only_where_it_may(run: Run, server: KaggleServer, tmp_path: Path):
    words = ("mode=inspect", *WORDS[1:])
    environment = server.environment(tmp_path / "home", **GOOD)
    result = run(*words, cwd=tmp_path, **environment)
    assert_refused(result, tmp_path, "dataset.root: no CEDAR images in raw/cedar")
    assert "mode=prepare dataset=cedar" in result.stderr
    assert server.asked == []
    result = run(*words, "dataset.download=true", cwd=tmp_path, **environment)
    assert result.returncode == 0, result.stderr


def test_an_interrupted_download_resumes(run: Run, server: KaggleServer, tmp_path: Path):
    server.cuts = [100_000, 100_000, 100_000]  # the second request only checks that the zip has not changed
    result = run(*WORDS, cwd=tmp_path, **server.environment(tmp_path / "home", **GOOD))
    assert result.returncode == 0, result.stderr
    assert [wanted for wanted in server.ranges if wanted] == [f"bytes={1 << 16}-", f"bytes={1 << 17}-"]
    assert left_in(tmp_path / "raw") == ["cedar"]


def test_a_killed_download_resumes_in_the_next_run(start: Start, run: Run, server: KaggleServer, tmp_path: Path):
    environment = server.environment(tmp_path / "home", **GOOD)
    server.cuts = [120_000] + [0] * 20
    process = start(*WORDS, cwd=tmp_path, **environment)
    partial = tmp_path / "raw" / "cedar.zip.partial"
    deadline = time.monotonic() + 60
    while not (partial.exists() and partial.stat().st_size == 1 << 16) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert partial.stat().st_size == 1 << 16
    server.cuts, server.ranges = [], []
    result = run(*WORDS, cwd=tmp_path, **environment)
    assert result.returncode == 0, result.stderr
    assert f"bytes={1 << 16}-" in server.ranges
    assert left_in(tmp_path / "raw") == ["cedar"]


def test_a_download_of_another_version_starts_again(run: Run, server: KaggleServer, tmp_path: Path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/cedar.zip.partial").write_bytes(b"of an older zip")
    (tmp_path / "raw/cedar.zip.partial.json").write_text(f'{{"size": {len(ZIP)}, "tag": "old", "changed": ""}}')
    result = run(*WORDS, cwd=tmp_path, **server.environment(tmp_path / "home", **GOOD))
    assert result.returncode == 0, result.stderr
    assert set(server.ranges) == {""}


def test_two_runs_at_once_fetch_once(start: Start, server: KaggleServer, tmp_path: Path):
    environment = server.environment(tmp_path / "home", **GOOD)
    both = [start(*WORDS, cwd=tmp_path, **environment) for _ in range(2)]
    outcomes = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], outcomes
    assert sum(path.startswith("/storage/") for path in server.asked) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """`raw/` on a disk that is too small for the zip."""
    folder = tmp_path / "raw"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be made by root alone, where it may mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_too_small(run: Run, server: KaggleServer, small_disk: Path, tmp_path: Path):
    result = run(*WORDS, cwd=tmp_path, **server.environment(tmp_path / "home", **GOOD))
    assert_refused(result, tmp_path, r"error: raw: 0\.00 GB are free, 0\.07 GB are needed for cedar\.zip")


def download_in_a_process(server: KaggleServer, folder: Path, home: Path, first: str):
    """Calls `download` with a progress that prints, after a line of Python."""
    program = (
        "import sys; from pathlib import Path; from data.fetching import kaggle_download as kaggle\n"
        f"{first}\n"
        f"kaggle.download({CEDAR!r}, Path(sys.argv[1]) / 'cedar.zip', 'or by hand', lambda *n: print('reported', *n))"
    )
    environment = {**os.environ, **server.environment(home, **GOOD)}
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


def test_progress_reaches_the_console_and_output_of_the_client_does_not(server: KaggleServer, tmp_path: Path):
    result = download_in_a_process(server, tmp_path, tmp_path / "home", "")
    assert result.returncode == 0, result.stderr
    assert set(result.stdout.splitlines()) == {"reported 0 1"}
    assert (tmp_path / "cedar.zip").read_bytes() == ZIP


def test_a_disk_that_fills_up_on_the_way(server: KaggleServer, small_disk: Path, tmp_path: Path):
    fills_meanwhile = "kaggle.require_space = lambda *arguments: None"
    result = download_in_a_process(server, small_disk, tmp_path / "home", fills_meanwhile)
    assert "UserError" in result.stderr
    assert "the disk is full; nothing was kept" in result.stderr
    assert left_in(small_disk) == []


def test_no_credentials(run: Run, server: KaggleServer, tmp_path: Path):
    result = run(*WORDS, cwd=tmp_path, **server.environment(tmp_path / "home"))
    assert_refused(result, tmp_path, "error: kaggle: no credentials")
    assert "KAGGLE_USERNAME and KAGGLE_KEY" in result.stderr
    assert server.asked == []


@pytest.mark.parametrize("account", [{**GOOD, "KAGGLE_KEY": "wrong"}, {"KAGGLE_API_TOKEN": "wrong"}])
def test_wrong_credentials(run: Run, server: KaggleServer, tmp_path: Path, account: dict[str, str]):
    result = run(*WORDS, cwd=tmp_path, **server.environment(tmp_path / "home", **account))
    assert_refused(result, tmp_path, r"error: kaggle: .*(not accept the credentials \(401\)|token is not accepted)")
    assert not any(path.startswith("/storage/") for path in server.asked)


def test_no_network(run: Run, server: KaggleServer, tmp_path: Path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    environment = server.environment(tmp_path / "home", **GOOD) | {"HTTP_PROXY": nobody, "http_proxy": nobody}
    assert_refused(run(*WORDS, cwd=tmp_path, **environment), tmp_path, "error: kaggle: cannot be reached .*refused")


@pytest.mark.parametrize(
    ("zips", "status", "expected"),
    [
        ({}, 0, r"error: kaggle: has no dataset shreelakshmigp/cedardataset \(404\)"),
        ({CEDAR: ZIP}, 400, "error: kaggle: answered: .*"),
        ({CEDAR: b"<html>Log in to the airport's network</html>"}, 0, "is no zip file"),
        ({CEDAR: ZIP[:-1000]}, 0, "is no zip file, or a cut or damaged one"),
        ({CEDAR: ZIP.replace(b"original_", b"somewhat_")}, 0, "holds no CEDAR"),
        ({CEDAR: cedar_zip(**{"../outside.txt": b"x"})}, 0, "would land outside"),
    ],
    ids=["unknown", "refused", "no zip", "truncated", "foreign", "harmful"],
)
def test_what_is_not_the_dataset_is_refused_and_removed(
    run: Run, tmp_path: Path, zips: dict[str, bytes], status: int, expected: str
):
    with kaggle_server(zips) as server:
        server.status = status
        result = run(*WORDS, cwd=tmp_path, **server.environment(tmp_path / "home", **GOOD))
    assert_refused(result, tmp_path, expected)
