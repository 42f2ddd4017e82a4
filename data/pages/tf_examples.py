"""Reads and writes TFRecord files of `tf.train.Example`s without TensorFlow, whose import takes each process seconds.

A record is its length, a masked CRC-32C of the length, its bytes and a masked CRC-32C of those (TensorFlow's
`record_writer.h`). An Example is TensorFlow's `example.proto`.
"""

import functools
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import google_crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

MAX_RECORD_BYTES = 256 << 20
"""A larger length counts as damaged."""

_HEADER = struct.Struct("<QI")
_SUM = struct.Struct("<I")
_FIELD = descriptor_pb2.FieldDescriptorProto


class BrokenRecord(Exception):
    """A record that cannot be read; the message says why."""


def record_offsets(path: Path | str) -> tuple[list[int], str]:
    """Finds the records of a file by their lengths alone; `read_record` checks their content.

    Returns:
      (offsets in bytes, why the rest of the file cannot be read or "").
    """
    offsets: list[int] = []
    size = Path(path).stat().st_size
    with open(path, "rb") as file:
        position = 0
        while position < size:
            file.seek(position)
            try:
                length = _read_length(file)
            except BrokenRecord as error:
                return offsets, str(error)
            following = position + _HEADER.size + length + _SUM.size
            if following > size:
                return offsets, "the file ends within a record"
            offsets.append(position)
            position = following
    return offsets, ""


def read_record(path: Path | str, offset: int) -> bytes:
    """The record that begins at an offset.

    Raises:
      BrokenRecord: its checksums do not match, or it is cut.
    """
    with open(path, "rb") as file:
        file.seek(offset)
        length = _read_length(file)
        record, end = file.read(length), file.read(_SUM.size)
    if len(record) < length or len(end) < _SUM.size:
        raise BrokenRecord("the file ends within a record")
    if _masked_sum(record) != _SUM.unpack(end)[0]:
        raise BrokenRecord("its bytes are damaged (their CRC does not fit)")
    return record


def _read_length(file: BinaryIO) -> int:
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise BrokenRecord("the file ends within a record")
    length, length_sum = _HEADER.unpack(header)
    if _masked_sum(header[:8]) != length_sum or length > MAX_RECORD_BYTES:
        raise BrokenRecord("its length is damaged, or this is no TFRecord file")
    return length


def write_records(path: Path | str, records: Iterable[bytes]) -> None:
    """Writes records to a file."""
    with open(path, "wb") as file:
        for record in records:
            length = struct.pack("<Q", len(record))
            file.write(length + _SUM.pack(_masked_sum(length)) + record + _SUM.pack(_masked_sum(record)))


def _masked_sum(content: bytes) -> int:
    crc = google_crc32c.value(content)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def parse_example(record: bytes) -> dict[str, list[Any]]:
    """The features of a serialised Example by name: lists of bytes, float or int.

    Raises:
      ValueError: the bytes are no Example.
    """
    example = _example_class()()
    try:
        example.ParseFromString(record)
    except Exception:  # the class depends on protobuf's version
        raise ValueError("not a tf.train.Example") from None
    features = {}
    for name, feature in example.features.feature.items():
        kind = feature.WhichOneof("kind")
        features[name] = list(getattr(feature, kind).value) if kind else []
    return features


def serialise_example(features: Mapping[str, list[Any]]) -> bytes:
    """The inverse of `parse_example`; an empty list is a feature without a kind, which every reader takes for empty."""
    example = _example_class()()
    for name, values in features.items():
        feature = example.features.feature[name]
        if values:
            first = values[0]
            kind = (
                "bytes_list" if isinstance(first, bytes) else "int64_list" if isinstance(first, int) else "float_list"
            )
            getattr(feature, kind).value.extend(values)
    return example.SerializeToString(deterministic=True)


@functools.cache
def _example_class() -> Any:
    """The class of Examples, in a separate descriptor pool so that it does not conflict with TensorFlow's."""
    file = descriptor_pb2.FileDescriptorProto(name="signver/example.proto", package="signver", syntax="proto3")
    for name, kind in (
        ("BytesList", _FIELD.TYPE_BYTES),
        ("FloatList", _FIELD.TYPE_FLOAT),
        ("Int64List", _FIELD.TYPE_INT64),
    ):
        _add_field(file.message_type.add(name=name), "value", 1, kind, repeated=True)
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, name in enumerate(("bytes_list", "float_list", "int64_list"), start=1):
        message = name.title().replace("_", "")
        _add_field(feature, name, number, _FIELD.TYPE_MESSAGE, message=message).oneof_index = 0
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    _add_field(entry, "key", 1, _FIELD.TYPE_STRING)
    _add_field(entry, "value", 2, _FIELD.TYPE_MESSAGE, message="Feature")
    _add_field(features, "feature", 1, _FIELD.TYPE_MESSAGE, repeated=True, message="Features.FeatureEntry")
    _add_field(file.message_type.add(name="Example"), "features", 1, _FIELD.TYPE_MESSAGE, message="Features")
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    descriptor = pool.FindMessageTypeByName("signver.Example")
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(pool).GetPrototype(descriptor)  # protobuf 3


def _add_field(owner: Any, name: str, number: int, kind: int, repeated: bool = False, message: str = "") -> Any:
    label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
    type_name = f".signver.{message}" if message else None
    return owner.field.add(name=name, number=number, type=kind, label=label, type_name=type_name)
