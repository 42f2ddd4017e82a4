"""Downloads the zip file of a Kaggle dataset with the `kaggle` client.

The client finds the credentials and makes the signed request. This module streams the response, because client 1.7
(Python 3.10) reads it into memory as a whole and cannot resume a download. Client 2.2 (later Pythons) can.
"""

import contextlib
import io
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.fetching.archives import disk_errors, require_space
from data.own_files import read_json
from data.parallel import Progress

ATTEMPTS = 5
"""Consecutive attempts without a new byte after which the download fails."""

SECONDS_TO_WAIT = 2.0
"""Pause after an attempt without a new byte; doubled after each further one."""

TIMEOUT_SECONDS = (15, 60)
"""Seconds to connect, and seconds without a byte."""

_CHUNK_BYTES = 1 << 16
"""Bytes that are written at once; a chunk in which the connection breaks is lost."""

_MB = 1_000_000


def download(dataset: str, target: Path, by_hand: str, progress: Progress | None = None) -> None:
    """Fetches the zip of a Kaggle dataset.

    An interrupted download resumes, also in a later call, from the bytes in `<target>.partial`.

    Args:
      dataset: `<owner>/<name>`.
      target: the zip file to write; it appears when it is complete.
      by_hand: the remedy for users without access to Kaggle's API.
      progress: called with (MB, MB in all).

    Raises:
      UserError: there are no credentials or wrong ones, no network or no such dataset, or the disk is full.
    """
    import requests

    client = _client(by_hand)
    partial = _Partial(target)
    failures, received = 0, partial.bytes
    while True:
        try:
            with disk_errors(target), _answer(client, dataset, partial) as (answer, size):
                partial.check_space(size or 0)
                partial.fill(answer, size, progress)
            break
        except requests.HTTPError as error:
            if error.response is None or error.response.status_code not in (429, 500, 502, 503, 504):
                raise _refusal(error, dataset, by_hand) from None
            failure: Exception = error
        except requests.RequestException as error:
            failure = error
        failures = 0 if partial.bytes > received else failures + 1
        received = partial.bytes
        if failures >= ATTEMPTS or (isinstance(failure, requests.ConnectionError) and not received and failures >= 2):
            raise _gave_up(failure, partial, by_hand) from None
        time.sleep(SECONDS_TO_WAIT * 2 ** (failures - 1) if failures else 0.2)
    partial.finish()


class _Partial:
    """The bytes of a file that have arrived, and the metadata that identifies the file."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_name(f"{target.name}.partial")
        self._metadata_path = target.with_name(f"{target.name}.partial.json")

    @property
    def bytes(self) -> int:
        """How many bytes have arrived."""
        return self._path.stat().st_size if self._path.is_file() else 0

    def is_part_of(self, metadata: dict[str, Any]) -> bool:
        """Whether the bytes are the beginning of the file with this metadata."""
        try:
            known = json.loads(self._metadata_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return known == metadata and metadata["size"] is not None and 0 < self.bytes < metadata["size"]

    def begin(self, metadata: dict[str, Any]) -> None:
        """Discards what has arrived and starts again.

        Raises:
          UserError: a file of the user is in the way.
        """
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._check_own()
        self.discard()
        self._metadata_path.write_text(json.dumps(metadata), encoding="utf-8")

    def _check_own(self) -> None:
        """Refuses files that no download wrote: bytes or metadata alone, or other JSON."""
        here = [path for path in (self._path, self._metadata_path) if os.path.lexists(path)]
        known = read_json(self._metadata_path)
        if here and not (isinstance(known, dict) and known.keys() == {"size", "tag", "changed"}):
            raise UserError(str(here[0]), "is in the way of a download, which did not write it", ("rename it",))

    def check_space(self, size: int) -> None:
        """Makes sure that the disk has space for the zip file and as much again for its content.

        Raises:
          UserError: it has not. If no byte has arrived, the metadata is removed.
        """
        try:
            require_space(self._target.parent, 2 * size - self.bytes, f"for {self._target.name} and for what is in it")
        except UserError:
            if not self.bytes:
                self.discard()
            raise

    def fill(self, answer: Any, size: int | None, progress: Progress | None) -> None:
        """Appends the bytes of a response; discards everything if the disk is full.

        Raises:
          requests.ConnectionError: the response ends early.
        """
        try:
            with open(self._path, "ab") as file:
                done = file.tell()
                for chunk in answer.iter_content(_CHUNK_BYTES):
                    file.write(chunk)
                    done += len(chunk)
                    if progress and size:
                        progress(done // _MB, max(1, size // _MB))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            if error.errno is not None:  # an error of the disk; requests' exceptions have no number
                self.discard()
            raise
        if size is not None and done < size:
            import requests

            raise requests.ConnectionError(f"ended after {done:,} of {size:,} bytes")

    def finish(self) -> None:
        """Gives the complete file its name."""
        os.replace(self._path, self._target)
        self._metadata_path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Removes the bytes and the metadata."""
        self._path.unlink(missing_ok=True)
        self._metadata_path.unlink(missing_ok=True)


@contextlib.contextmanager
def _answer(client: Any, dataset: str, partial: _Partial) -> Iterator[tuple[Any, int | None]]:
    """Yields (an open response that continues where `partial` ends, size of the whole file if the server gives it)."""
    with client.build_kaggle_client() as kaggle:
        session = kaggle.http_client()._session
        session.stream = True  # client 1.7 does not stream
        for scheme in ("http://", "https://"):
            session.mount(scheme, _patient_adapter())
        with contextlib.redirect_stdout(io.StringIO()):  # client 2.2 prints notes on newer versions
            answer = kaggle.datasets.dataset_api_client.download_dataset(_request_for(client, dataset))
        headers = answer.headers
        size = None if "Content-Encoding" in headers else int(headers.get("Content-Length", 0)) or None
        tag = headers.get("ETag", "")
        metadata = {"size": size, "tag": tag, "changed": headers.get("Last-Modified", "")}
        if partial.is_part_of(metadata):
            again = answer.request.copy()
            again.headers["Range"] = f"bytes={partial.bytes}-"
            if validator := (tag if not tag.startswith("W/") else "") or metadata["changed"]:
                again.headers["If-Range"] = validator
            answer.close()
            answer = session.send(again, **session.merge_environment_settings(again.url, {}, True, None, None))
            answer.raise_for_status()
            if answer.headers.get("Content-Range", "").rpartition("/")[2] != str(size):
                partial.begin(metadata)  # the server sends the whole file
        else:
            partial.begin(metadata)
        with contextlib.closing(answer):
            yield answer, size


def _request_for(client: Any, dataset: str) -> Any:
    from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest

    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug, _ = client.split_dataset_string(dataset)
    return request


def _patient_adapter() -> Any:
    """An adapter with timeouts: neither client sets one, so a request without a response would hang."""
    import requests.adapters

    class Patient(requests.adapters.HTTPAdapter):
        def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
            options["timeout"] = options.get("timeout") or TIMEOUT_SECONDS
            return super().send(request, **options)

    return Patient()


def _client(by_hand: str) -> Any:
    """The client, signed in. Importing its package signs in too, and fails in another way in each version."""
    import requests

    token = _token()
    with contextlib.redirect_stdout(io.StringIO()), _name_beside(token):
        try:
            from kaggle.api.kaggle_api_extended import KaggleApi

            client = KaggleApi()
            client.authenticate()
        except requests.HTTPError as error:
            raise _refusal(error, "", by_hand) from None
        except requests.RequestException as error:
            raise _gave_up(error, None, by_hand) from None
        except (SystemExit, OSError, ValueError):  # 2.2 ends the program, 1.7 raises OSError or ValueError
            raise _no_credentials(token, by_hand) from None
    client.args = [argument for argument in client.args if argument != "--verbose"]  # 1.7 prints responses of localhost
    return client


def _token() -> str:
    """The access token in KAGGLE_API_TOKEN, which may name a file, or in ~/.kaggle; empty if there is none."""
    given = os.environ.get("KAGGLE_API_TOKEN", "")
    files = (
        [Path(given)] if given else [Path.home() / ".kaggle" / name for name in ("access_token", "access_token.txt")]
    )
    for file in files:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return file.read_text(encoding="utf-8").strip()
    return given


@contextlib.contextmanager
def _name_beside(token: str) -> Iterator[None]:
    """Sets what client 1.7 needs to accept a token: the variable, and a name and a key that it then ignores."""
    before = dict(os.environ)
    if token:
        os.environ["KAGGLE_API_TOKEN"] = token
        for name in ("KAGGLE_USERNAME", "KAGGLE_KEY"):
            os.environ.setdefault(name, "token")
    try:
        yield
    finally:
        if token:
            for name in ("KAGGLE_USERNAME", "KAGGLE_KEY"):
                if name not in before:
                    del os.environ[name]


_ACCOUNT = (
    "make a key on https://www.kaggle.com/settings (API) and set KAGGLE_USERNAME and KAGGLE_KEY, or KAGGLE_API_TOKEN, "
    "or put kaggle.json into ~/.kaggle"
)


def _no_credentials(token: str, by_hand: str) -> UserError:
    why = "the access token is not accepted" if token else "no credentials, or none that can be read"
    return UserError("kaggle", why, (_ACCOUNT, by_hand))


def _refusal(error: Any, dataset: str, by_hand: str) -> UserError:
    status = error.response.status_code if error.response is not None else 0
    if status in (401, 403):
        why = f"does not accept the credentials ({status}), or they may not download {dataset}"
        return UserError("kaggle", why, (_ACCOUNT, by_hand))
    if status == 404:
        return UserError("kaggle", f"has no dataset {dataset} (404)", (by_hand,))
    return UserError("kaggle", f"answered: {_innermost(error)}", ("try again later", by_hand))


def _gave_up(error: Exception, partial: _Partial | None, by_hand: str) -> UserError:
    if partial and partial.bytes:
        why = f"no progress in {ATTEMPTS} attempts, {partial.bytes / _MB:,.1f} MB have arrived ({_innermost(error)})"
        return UserError("kaggle", why, ("the same command resumes the download", by_hand))
    if partial:
        partial.discard()
    return UserError("kaggle", f"cannot be reached ({_innermost(error)})", ("check the network", by_hand))


def _innermost(error: BaseException) -> str:
    """The original error, which requests and urllib3 wrap, as one line."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0][:160]
