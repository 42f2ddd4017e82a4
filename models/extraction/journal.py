"""The journal of an extraction: a line of JSON for each file, written when all results of the file are on disk."""

import dataclasses
import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from data.errors import UserError
from data.own_files import MARK
from data.own_folders import JOURNAL

_CHUNK_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True)
class Identity:
    """Identifies a version of a file.

    Attributes:
      size: in bytes.
      changed: time of the last change in nanoseconds.
      content: hash of the bytes, 32 hexadecimal digits; empty if it was not computed.
    """

    size: int
    changed: int
    content: str = ""

    @classmethod
    def of(cls, file: Path, with_content: bool = False) -> "Identity":
        """Of a file as it is now. Raises OSError."""
        status = os.stat(file)
        return cls(status.st_size, status.st_mtime_ns, content_of(file) if with_content else "")


def content_of(file: Path) -> str:
    """Hash of the bytes of a file."""
    digest = hashlib.blake2b(digest_size=16)
    with open(file, "rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


class Journal:
    """The journal in the folder of an extraction. It belongs to one process at a time.

    Args:
      folder: of the extraction; made if missing.
      source: what is extracted from, a file or folder.

    Raises:
      UserError: the folder is in use, or belongs to another source.

    Attributes:
      records: name of a file -> its record.
    """

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder = folder
        self.records: dict[str, dict[str, Any]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            opener = lambda path, flags: os.open(path, flags | os.O_NOFOLLOW, 0o666)  # noqa: E731
            self._file = open(folder / JOURNAL, "a+", encoding="utf-8", opener=opener)  # noqa: SIM115 - `close` does
        except OSError as error:
            raise UserError("extract.output", f"cannot write to {folder} ({(error.strerror or '').lower()})") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            remedy = ("wait for it, or choose another folder:  extract.output=<folder>",)
            raise UserError("extract.output", f"another process extracts into {folder}", remedy) from None
        try:
            self._read(os.path.realpath(source))
        except BaseException:
            self._file.close()
            raise

    def _read(self, source: str) -> None:
        self._file.seek(0)
        lines = self._file.read().splitlines(keepends=True)
        entries = [entry for line in lines if isinstance(entry := _parsed(line), dict)]
        head = entries[0] if entries else {}
        if not lines:
            self._write({"written_by": MARK, "input": source})
        elif head.get("written_by") != MARK:
            raise UserError("extract.output", f"{self.folder / JOURNAL} exists, and mode=extract did not write it")
        elif head.get("input") != source:
            raise UserError(
                "extract.output",
                f"{self.folder} holds what was extracted from {head.get('input')}",
                ("choose another folder:  extract.output=<folder>",),
            )
        elif not lines[-1].endswith("\n"):  # the process was killed while it wrote
            self._file.write("\n")
        self.records = {entry["file"]: entry for entry in entries[1:] if isinstance(entry.get("file"), str)}

    def close(self) -> None:
        """Unlocks the folder."""
        self._file.close()

    def is_done(self, name: str, file: Path, options: str) -> bool:
        """Whether the current version of a file was processed with the same options, and all its outputs exist.

        Args:
          name: of the file in the journal.
          file: its path.
          options: of this extraction, as `record` has them.
        """
        record = self.records.get(name)
        if record is None or record.get("options") != options or record.get("reason") or not _is_same(file, record):
            return False
        outputs = record.get("outputs")
        return isinstance(outputs, list) and all((self.folder / str(output)).is_file() for output in outputs)

    def was_bad(self, name: str, file: Path) -> bool:
        """Whether the current version of a file could not be read before."""
        record = self.records.get(name)
        return record is not None and bool(record.get("reason")) and _is_same(file, record)

    def record(self, name: str, identity: Identity, options: str, **content: Any) -> None:
        """Notes that a file is done.

        Args:
          name: of the file.
          identity: as it was when it was read.
          options: hash of everything that decides the results.
          content: `stem`, `outputs`, `pages`, `signatures`, `skipped`; `reason` of a file that cannot be read.
        """
        entry = {"file": name, **dataclasses.asdict(identity), "options": options, **content}
        self._write(entry)
        self.records[name] = entry

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


def _is_same(file: Path, record: dict[str, Any]) -> bool:
    try:
        now = Identity.of(file)
        if now.size != record.get("size"):
            return False
        return now.changed == record.get("changed") or content_of(file) == record.get("content")
    except OSError:
        return False


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):  # cut
        return None
