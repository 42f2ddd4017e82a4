import numpy as np
import pytest

from data.drawn_pages.text import person, prose
from data.drawn_pages.typefaces import BOLD, SANS, SERIFS, slant, Typeface, TYPEWRITERS


@pytest.mark.parametrize("name", sorted({*TYPEWRITERS, *SERIFS, *SANS, *BOLD.values()}))
def test_every_face_has_letters(name):
    face = Typeface(name, 16)
    for letter in "AaZz09.,":
        assert face.render(letter).max() > 100
    assert not face.render(" ").any()


def test_width_is_that_measured():
    face = Typeface("STIXGeneral", 14, 1.1)
    text = prose(np.random.default_rng(0), 2)
    assert face.render(text).shape == (face.height, face.measure(text))


def test_typewriters_are_monospaced():
    face = Typeface("cmtt10", 20)
    assert face.measure("iiii") == face.measure("MMMM")


def test_stretch_widens_letters_alone():
    narrow, wide = Typeface("DejaVuSans", 20), Typeface("DejaVuSans", 20, 1.5)
    assert wide.measure("hello") == pytest.approx(1.5 * narrow.measure("hello"), rel=0.05)
    assert wide.height == narrow.height


def test_lines_fit_and_keep_every_word():
    face = Typeface("cmr10", 15)
    text = prose(np.random.default_rng(1), 4)
    lines = face.wrap(text, 300, indent=40)
    assert all(face.measure(line) <= 300 for line in lines)
    assert face.measure(lines[0]) <= 260
    assert " ".join(lines).split() == text.split()


def test_justified_lines_end_flush_unless_they_would_gape():
    face = Typeface("DejaVuSerif", 12)
    assert face.render("a line of some words", 160).shape[1] == 160
    assert face.render("two words", 600).shape[1] == face.measure("two words")
    assert face.render("one", 600).shape[1] == face.measure("one")


def test_other_alphabets_become_blanks():
    assert Typeface("DejaVuSans", 12).render("é\n").max() == 0


def test_slanted_lines_lean_to_the_right():
    ink = np.zeros((20, 10), np.uint8)
    ink[:, 4:6] = 255
    leaning = slant(ink, 0.5)
    top, bottom = (np.flatnonzero(leaning[row] > 128).mean() for row in (0, 19))
    assert 8 < top - bottom < 11


def test_names_are_typed_in_several_ways():
    names = {person(np.random.default_rng(i)) for i in range(30)}
    assert len(names) > 25
    assert any("." in name for name in names)
