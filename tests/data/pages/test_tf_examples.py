"""TFRecord files and Examples equal TensorFlow's; damaged, cut and other files are refused."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf
from programs import REPOSITORY

from data.pages.tf_examples import (
    BrokenRecord,
    MAX_RECORD_BYTES,
    parse_example,
    read_record,
    record_offsets,
    serialise_example,
    write_records,
)

RECORDS = [b"first", b"", b"\0\xff" * 40_000, b"last"]
FEATURES = {"text": [b"one", b"\0\xff"], "numbers": [0.5, -2.0, 2.0**90], "counts": [0, -1, 2**62]}


def tensorflows_example() -> tf.train.Example:
    kinds = {
        "text": {"bytes_list": tf.train.BytesList(value=FEATURES["text"])},
        "numbers": {"float_list": tf.train.FloatList(value=FEATURES["numbers"])},
        "counts": {"int64_list": tf.train.Int64List(value=FEATURES["counts"])},
    }
    features = {name: tf.train.Feature(**kind) for name, kind in kinds.items()}
    return tf.train.Example(features=tf.train.Features(feature=features))


def read_all(path: Path) -> tuple[list[bytes | str], str]:
    """(each record or why it cannot be read, why the rest of the file cannot be read)."""
    offsets, cut = record_offsets(path)
    records: list[bytes | str] = []
    for offset in offsets:
        try:
            records.append(read_record(path, offset))
        except BrokenRecord as error:
            records.append(str(error))
    return records, cut


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    write_records(tmp_path / "shard.tfrecord", [b"one", b"two two", b"three"])
    return tmp_path / "shard.tfrecord"


def test_records_round_trip(tmp_path: Path):
    write_records(tmp_path / "shard", RECORDS)
    assert read_all(tmp_path / "shard") == (RECORDS, "")


def test_files_are_tensorflows_byte_for_byte(tmp_path: Path):
    write_records(tmp_path / "ours", RECORDS)
    with tf.io.TFRecordWriter(str(tmp_path / "theirs")) as writer:
        for record in RECORDS:
            writer.write(record)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    assert list(tf.data.TFRecordDataset(str(tmp_path / "ours")).as_numpy_iterator()) == RECORDS


def test_examples_round_trip():
    assert parse_example(serialise_example(FEATURES)) == FEATURES


def test_examples_are_tensorflows_byte_for_byte():
    theirs = tensorflows_example().SerializeToString(deterministic=True)
    assert serialise_example(FEATURES) == theirs
    assert parse_example(theirs) == FEATURES
    assert tf.train.Example.FromString(serialise_example(FEATURES)) == tensorflows_example()


def test_empty_lists_and_features_of_no_kind_are_empty():
    assert parse_example(serialise_example({"none": []})) == {"none": []}
    assert list(tf.train.Example.FromString(serialise_example({"none": []})).features.feature) == ["none"]
    example = tf.train.Example()
    example.features.feature["unset"].SetInParent()
    example.features.feature["ints"].int64_list.SetInParent()
    assert parse_example(example.SerializeToString()) == {"unset": [], "ints": []}


@pytest.mark.parametrize("record", [b"\xff\xff\xff", b"no Example at all", b"\x0a\x05ab"])
def test_what_is_no_example_is_refused(record: bytes):
    with pytest.raises(ValueError, match=r"not a tf\.train\.Example"):
        parse_example(record)


def test_a_damaged_byte_spoils_its_record_alone(shard: Path):
    content = bytearray(shard.read_bytes())
    content[content.index(b"two")] ^= 1
    shard.write_bytes(content)
    (first, second, third), cut = read_all(shard)
    assert (first, third, cut) == (b"one", b"three", "")
    assert "damaged" in second


def test_any_damaged_byte_is_noticed(shard: Path):
    content = shard.read_bytes()
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0x40
        shard.write_bytes(damaged)
        records, cut = read_all(shard)
        assert cut or any(isinstance(record, str) for record in records), position
        assert {record for record in records if isinstance(record, bytes)} <= {b"one", b"two two", b"three"}


def test_after_a_damaged_length_nothing_is_read(shard: Path):
    second = record_offsets(shard)[0][1]
    content = bytearray(shard.read_bytes())
    content[second] ^= 1
    shard.write_bytes(content)
    records, cut = read_all(shard)
    assert records == [b"one"]
    assert "length is damaged" in cut
    with pytest.raises(BrokenRecord, match="length is damaged"):
        read_record(shard, second)


def test_a_cut_file_keeps_its_whole_records(shard: Path):
    content, (offsets, _) = shard.read_bytes(), record_offsets(shard)
    ends = [*offsets[1:], len(content)]
    for length in range(len(content)):
        shard.write_bytes(content[:length])
        records, cut = read_all(shard)
        assert records == [b"one", b"two two", b"three"][: sum(end <= length for end in ends)]
        assert bool(cut) == (length not in [0, *ends]), length
    with pytest.raises(BrokenRecord, match="ends within a record"):
        read_record(shard, offsets[-1])


def test_an_impossible_length_is_no_length_even_with_a_right_sum(tmp_path: Path):
    write_records(tmp_path / "sums", [struct.pack("<Q", MAX_RECORD_BYTES + 1)])
    length_and_sum = (tmp_path / "sums").read_bytes()[12:]
    (tmp_path / "shard").write_bytes(length_and_sum + bytes(100))
    assert record_offsets(tmp_path / "shard") == ([], "its length is damaged, or this is no TFRecord file")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(50), b"ymin,xmin,ymax,xmax\n1,2,3,4\n", bytes(64)])
def test_a_file_that_is_no_tfrecord_is_named_as_such(tmp_path: Path, content: bytes):
    (tmp_path / "shard").write_bytes(content)
    offsets, cut = record_offsets(tmp_path / "shard")
    assert offsets == []
    assert "no TFRecord file" in cut


def test_it_works_where_tensorflow_is_never_imported(shard: Path):
    program = """
import sys
from data.pages.tf_examples import parse_example, read_record, record_offsets, serialise_example
import data.pages.page_pools, data.datasets.page_dataset
print(read_record(sys.argv[1], record_offsets(sys.argv[1])[0][1]), parse_example(serialise_example({"a": [1]})))
assert "tensorflow" not in sys.modules
"""
    command = [sys.executable, "-c", program, str(shard)]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout == "b'two two' {'a': [1]}\n"
