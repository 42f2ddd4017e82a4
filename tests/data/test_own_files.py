"""Names of files that the project writes."""

import pytest

from data.own_files import free_name


@pytest.mark.parametrize(
    ("names", "taken", "expected"),
    [
        (["a"], [], "a"),
        (["a", "a_png"], ["a"], "a_png"),
        (["a", "a_png"], ["a", "a_png", "a_png_2"], "a_png_3"),
        (["a"], ["a", "a_3"], "a_2"),
    ],
)
def test_a_free_name_is_the_first_that_is_not_taken(names: list[str], taken: list[str], expected: str):
    assert free_name(names, taken) == expected
