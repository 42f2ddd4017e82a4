"""Errors of the disk and of the shell's limits, as one line with a remedy."""

import errno
import os

import pytest
import tensorflow as tf

from engine.runs.storage_errors import as_storage_error

NUMBERS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EMFILE,
    errno.ENFILE,
    errno.ESTALE,
    errno.EROFS,
    errno.EACCES,
    errno.EIO,
)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: errno.errorcode[number])
def test_errors_of_python_and_of_tensorflow_read_alike(number: int):
    text = os.strerror(number)
    from_python = as_storage_error(OSError(number, text, "/data/run/ckpt-4"))
    from_tensorflow = as_storage_error(
        tf.errors.UnknownError(None, None, f"/data/run/ckpt-4_temp/part-00000.tempstate12; {text} [Op:SaveV2]")
    )
    assert from_python
    assert str(from_python) == str(from_tensorflow)
    assert from_python.why == f"{text.lower()}: /data/run/ckpt-4"
    assert from_python.remedies


def test_errors_of_another_kind_are_not_the_disks():
    assert as_storage_error(ValueError("No space left on device")) is None
    assert as_storage_error(OSError(errno.ECONNREFUSED, "Connection refused")) is None
