"""TensorBoard's HParams page of a trial that was killed and could not write how it ended.

This runs in the process of the sweep, so it reads and writes the events without TensorFlow.
"""

import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.own_files import whole_file

OUTCOME = "outcome"
"""Shown beside the swept values: `running`, `done`, `pruned`, `stopped early`, `diverged`, `failed`, `interrupted`."""

RUNNING = "running"
FOLDER = "best"
"""Folder of these events in that of a run."""

_PREFIX = "_hparams_/session"
_WORDS = {"cancelled": "interrupted"}
"""State of a job -> what the page says of a training."""


def record_end(trial: Path, state: str) -> None:
    """Gives the events of a trial, and those of its repeats, an outcome if they have none. The metrics stay.

    Args:
      trial: folder of the trial.
      state: of its job, such as `failed`.
    """
    for folder in (trial / FOLDER, *trial.glob(f"*/{FOLDER}")):
        for file in folder.glob("events.out.tfevents.*"):
            events = list(_events(file))
            taken = [_take_outcome(value, _WORDS.get(state, state)) for event in events for value in _sessions(event)]
            if any(taken):
                records = [_framed(event.SerializeToString()) for event in [*events, _failure()]]
                with whole_file(file.with_name(f"{file.name}.ended")) as scratch:  # a TensorBoard that runs reads it
                    scratch.write_bytes(b"".join(records))
                file.unlink()


def _events(file: Path) -> Iterator[Any]:
    """The events of a file; what was being written when the process was killed is left out."""
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto import event_pb2

    data, start = file.read_bytes(), 0
    while start + 12 <= len(data):
        (length,) = struct.unpack_from("<Q", data, start)
        if start + 16 + length > len(data):
            return
        try:
            yield event_pb2.Event.FromString(data[start + 12 : start + 12 + length])
        except DecodeError:
            return
        start += 16 + length


def _framed(record: bytes) -> bytes:
    """A record as in a file of events: length, its checksum, the record, its checksum."""
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    length = struct.pack("<Q", len(record))
    return b"".join(
        (length, struct.pack("<I", masked_crc32c(length)), record, struct.pack("<I", masked_crc32c(record)))
    )


def _sessions(event: Any) -> list[Any]:
    return [value for value in event.summary.value if value.tag.startswith(_PREFIX)]


def _take_outcome(value: Any, outcome: str) -> bool:
    """Replaces `running`; returns whether it was there."""
    from tensorboard.plugins.hparams import plugin_data_pb2

    content = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
    hparams = content.session_start_info.hparams
    if OUTCOME not in hparams or hparams[OUTCOME].string_value != RUNNING:
        return False
    hparams[OUTCOME].string_value = outcome
    value.metadata.plugin_data.content = content.SerializeToString()
    return True


def _failure() -> Any:
    """The event that ends a session."""
    from tensorboard.compat.proto import event_pb2
    from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2

    event = event_pb2.Event(wall_time=time.time())
    value = event.summary.value.add(tag=f"{_PREFIX}_end_info")
    content = plugin_data_pb2.HParamsPluginData(version=0)
    content.session_end_info.status = api_pb2.STATUS_FAILURE
    content.session_end_info.end_time_secs = event.wall_time
    value.metadata.plugin_data.plugin_name = "hparams"
    value.metadata.plugin_data.content = content.SerializeToString()
    return event
