"""Kaggle's zip of a dataset, asked for by the real `kaggle` client.

The client finds the credentials and makes the signed request. The answer is streamed here, since client 1.7 (Python
3.10) reads it into memory as a whole and cannot go on with a cut one; 2.2 (later Pythons) could.
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
"""How often in a row a connection may break without a byte won, before we give up."""

SECONDS_TO_WAIT = 2.0
"""Before the next attempt, if no byte was won; doubled before each further one."""

TIMEOUT_SECONDS = (15, 60)
"""To connect, and without a byte."""

_CHUNK_BYTES = 1 << 16
"""Of a chunk in which the connection breaks nothing is kept."""

_MB = 1_000_000


def download(dataset: str, target: Path, by_hand: str, progress: Progress | None = None) -> None:
    """Fetches the zip of a Kaggle dataset.

    A download that is cut goes on where it was, also in a later call: what came so far lies in `<target>.partial`.

    Args:
      dataset: `<owner>/<name>`.
      target: the zip file to make; it appears when all of it is there.
      by_hand: the remedy for who cannot use Kaggle's API.
      progress: called with (MB, MB in all).

    Raises:
      UserError: no credentials, or wrong ones, no network, no such dataset, a full disk.
    """
    import requests

    client = _client(by_hand)
    partial = _Partial(target)
    failures, won = 0, partial.bytes
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
        failures = 0 if partial.bytes > won else failures + 1
        won = partial.bytes
        if failures >= ATTEMPTS or (isinstance(failure, requests.ConnectionError) and not won and failures >= 2):
            raise _gave_up(failure, partial, by_hand) from None
        time.sleep(SECONDS_TO_WAIT * 2 ** (failures - 1) if failures else 0.2)
    partial.finish()


class _Partial:
    """What came of a file so far, and which file it is a part of."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_name(f"{target.name}.partial")
        self._metadata_path = target.with_name(f"{target.name}.partial.json")

    @property
    def bytes(self) -> int:
        """How many are here."""
        return self._path.stat().st_size if self._path.is_file() else 0

    def is_part_of(self, metadata: dict[str, Any]) -> bool:
        """Whether what is here can be the beginning of a file."""
        try:
            known = json.loads(self._metadata_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return known == metadata and metadata["size"] is not None and 0 < self.bytes < metadata["size"]

    def begin(self, metadata: dict[str, Any]) -> None:
        """Starts from nothing.

        Raises:
          UserError: a file of the user's is in the way.
        """
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._check_own()
        self.discard()
        self._metadata_path.write_text(json.dumps(metadata), encoding="utf-8")

    def _check_own(self) -> None:
        """The part and its metadata are always there together; a file alone, or other JSON, is not of a download."""
        here = [path for path in (self._path, self._metadata_path) if os.path.lexists(path)]
        known = read_json(self._metadata_path)
        if here and not (isinstance(known, dict) and known.keys() == {"size", "tag", "changed"}):
            raise UserError(str(here[0]), "is in the way of a download, and not of one", ("rename it",))

    def check_space(self, size: int) -> None:
        """Makes sure that the disk has room for the whole zip and as much again, for what is in it.

        Raises:
          UserError: it has not; an empty beginning is removed.
        """
        try:
            require_space(self._target.parent, 2 * size - self.bytes, f"for {self._target.name} and for what is in it")
        except UserError:
            if not self.bytes:
                self.discard()
            raise

    def fill(self, answer: Any, size: int | None, progress: Progress | None) -> None:
        """Appends an answer's bytes. Of a full disk nothing is kept."""
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
            if error.errno is not None:  # of the disk; requests' own exceptions have none
                self.discard()
            raise
        if size is not None and done < size:
            import requests

            raise requests.ConnectionError(f"ended after {done:,} of {size:,} bytes")

    def finish(self) -> None:
        """Gives the whole file its name."""
        os.replace(self._path, self._target)
        self._metadata_path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Removes what is here."""
        self._path.unlink(missing_ok=True)
        self._metadata_path.unlink(missing_ok=True)


@contextlib.contextmanager
def _answer(client: Any, dataset: str, partial: _Partial) -> Iterator[tuple[Any, int | None]]:
    """(an open answer that goes on where `partial` ends, size of the whole file if the server says it)."""
    with client.build_kaggle_client() as kaggle:
        session = kaggle.http_client()._session
        session.stream = True  # 1.7 does not ask for it
        for scheme in ("http://", "https://"):
            session.mount(scheme, _patient_adapter())
        with contextlib.redirect_stdout(io.StringIO()):  # 2.2 speaks of newer versions
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
                partial.begin(metadata)  # the whole file came
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
    """Neither client sets a timeout: one that is never answered would hang for ever."""
    import requests.adapters

    class Patient(requests.adapters.HTTPAdapter):
        def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
            options["timeout"] = options.get("timeout") or TIMEOUT_SECONDS
            return super().send(request, **options)

    return Patient()


def _client(by_hand: str) -> Any:
    """The client, with credentials. To import its package signs in at once, which fails in other ways a version."""
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
    client.args = [word for word in client.args if word != "--verbose"]  # 1.7 prints whole answers to a local server
    return client


def _token() -> str:
    """An access token, if there is one: in KAGGLE_API_TOKEN, which may name a file, or in ~/.kaggle."""
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
    """Client 1.7 takes a token only from the environment, and only beside a name and a key, which it then ignores."""
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
        why = f"the connection was cut again and again, {partial.bytes / _MB:,.1f} MB are here ({_innermost(error)})"
        return UserError("kaggle", why, ("the same command goes on from there", by_hand))
    if partial:
        partial.discard()
    return UserError("kaggle", f"cannot be reached ({_innermost(error)})", ("check the network", by_hand))


def _innermost(error: BaseException) -> str:
    """The first reason: requests wraps what urllib3 wraps what the system said."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0][:160]
