"""Numbers and ids of label files."""

import pytest

from data.labels.label_texts import key_of, number_of


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3.0),
        (0.25, 0.25),
        ("12", 12.0),
        (" 1.5 ", 1.5),
        ("1,5", 1.5),
        ("-2e-1", -0.2),
        (".5", 0.5),
        ("1,234.5", None),
        ("1_000", None),
        ("nan", None),
        (float("inf"), None),
        (10**400, None),
        (True, None),
        (None, None),
        ("", None),
        ([1], None),
    ],
)
def test_numbers(value: object, number: float | None):
    assert number_of(value) == number


def test_ids_are_the_same_as_text_and_as_number():
    assert key_of(7) == key_of("7") == key_of(7.0) == key_of(" 7 ")
    assert key_of("07") != key_of(7)
