"""Downloads files from an address once and caches them."""

import hashlib
import http.client
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

TIMEOUT_SECONDS = 20
"""Time without a response after which an address counts as unreachable."""

_BUCKETS = "https://storage.googleapis.com/"


class Unreachable(Exception):
    """An address that cannot be fetched; the message says why."""


def is_address(text: str) -> bool:
    """Whether a text is an address and not a path."""
    return text.startswith(("gs://", "https://", "http://"))


def fetch_all(address: str, suffixes: tuple[str, ...], cache_dir: Path) -> Path:
    """Fetches the files `<address><suffix>`, unless they were fetched before.

    Args:
      address: https:// or gs:// (read through Google's public web address, without an account).
      suffixes: of the files that belong together.
      cache_dir: parent of the folder that they are kept in.

    Returns:
      The path of the files without their suffixes.

    Raises:
      Unreachable: one of them cannot be fetched; nothing is kept then.
    """
    name = address.rstrip("/").rpartition("/")[2]
    folder = cache_dir / "downloads" / hashlib.blake2b(address.encode(), digest_size=10).hexdigest()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(suffix=".partial", dir=folder.parent))
        try:
            for suffix in suffixes:
                _fetch(address + suffix, scratch / (name + suffix))
            if not folder.is_dir():
                scratch.replace(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder / name


def _fetch(address: str, target: Path) -> None:
    url = _BUCKETS + urllib.parse.quote(address.removeprefix("gs://")) if address.startswith("gs://") else address
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response, open(target, "wb") as file:
            shutil.copyfileobj(response, file)
            announced = response.headers.get("Content-Length", file.tell())
            if file.tell() != int(announced):  # urllib does not check it
                raise Unreachable(f"the connection ended after {file.tell()} of {announced} bytes")
    except urllib.error.HTTPError as error:
        raise Unreachable(f"{error.code} {error.reason}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Unreachable(str(getattr(error, "reason", error)).strip()) from None
