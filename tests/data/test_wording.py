"""Numbers and nouns agree."""

import pytest

from data.wording import count_of


@pytest.mark.parametrize(
    ("count", "noun", "text"),
    [
        (0, "page", "0 pages"),
        (1, "test page", "1 test page"),
        (2000, "page", "2,000 pages"),
        (3, "box", "3 boxes"),
        (2, "process", "2 processes"),
        (4, "copy", "4 copies"),
        (1, "initials", "1 initials"),
        (2, "initials", "2 initials"),
    ],
)
def test_a_noun_agrees_with_its_number(count: int, noun: str, text: str):
    assert count_of(count, noun) == text
