"""Writers of signatures by the names of public datasets, and by common words of folders and names."""

import pytest

from data.signatures.writer_rules import WRITER_RULES
from data.signatures.writers import find_writers


@pytest.mark.parametrize("rule", WRITER_RULES, ids=lambda rule: rule.name)
def test_every_rule_understands_its_examples(rule):
    for path, writer in rule.examples:
        assert rule.writer_of(path) == writer, path
        first = next(other for other in WRITER_RULES if other.writer_of(path))
        assert first is rule, path


def test_forgeries_belong_to_whom_they_imitate():
    paths = [f"{n:03}/c-{n:03}-{k:02}.jpg" for n in (1, 2, 3) for k in range(4)]
    paths += [f"{n:03}/cf-{n:03}-{k:02}.jpg" for n in (1, 2, 3) for k in range(4)]
    found = find_writers(paths, "auto")
    assert len(set(found.keys)) == 3
    assert found.sentence == "24 signatures of 3 writers, by the names of GPDS 24"
    assert found.doubt == ""


@pytest.mark.parametrize(
    ("paths", "writers"),
    [
        ([f"{kind}/{who}_{n}.png" for kind in ("genuine", "forged", "disguised") for who in "abc" for n in (1, 2)], 3),
        ([f"{n:03}{kind}/x{k}.png" for n in (1, 2, 3, 4) for kind in ("", "_forg") for k in (1, 2)], 4),
        ([f"{kind}/{n}/x{k}.png" for n in (1, 2, 3) for kind in ("Genuine", "Skilled", "Random") for k in (1, 2)], 3),
        ([f"writer{n}/{kind}/{k}.png" for n in (1, 2, 3) for kind in ("real", "fake") for k in (1, 2)], 3),
        (
            [
                f"{who}/{kind}_{k}.png"
                for who in ("ann", "bob", "eve")
                for kind in ("genuine", "forged")
                for k in (1, 2)
            ],
            3,
        ),
        ([f"{who}/{n}.png" for who in ("ann", "bob") for n in range(10)], 2),
        ([f"{who}/{kind}/{k}.png" for who in ("ann", "bob", "eve") for kind in ("gercek", "sahte") for k in "123"], 3),
        ([f"{kind}/{who}/{k}.png" for who in ("ann", "bob", "eve") for kind in ("vere", "altre") for k in "123"], 3),
        ([f"{who}/{kind}/{k}.png" for who in ("ann", "bob", "eve") for kind in ("valid", "Invalid") for k in "123"], 3),
        ([f"{group}/{who}/{k}.png" for group, names in (("x", "abc"), ("y", "def")) for who in names for k in "12"], 6),
        ([f"session{s}/{who}_{k}.png" for s in (1, 2, 3) for who in ("ann", "bob", "eve") for k in (1, 2)], 3),
        ([f"{who}_{kind}_{k}.png" for who in ("ann", "bob") for kind in ("real", "forged") for k in range(3)], 2),
        (
            [f"train/{who}/{k}.png" for who in "abc" for k in "12"]
            + [f"test/{who}/{k}.png" for who in "de" for k in "12"],
            5,
        ),
        ([f"{who}_{k}_{kind}.png" for who in ("ann", "bob") for kind in ("real", "forged") for k in (1, 2, 3)], 2),
        ([f"{who:03}_{kind}{k:02}.png" for who in (1, 2, 3) for kind in "GF" for k in (1, 2)], 3),
        ([f"{kind}{who}_{k}.png" for who in (1, 2, 3) for kind in ("genuine", "forged") for k in (1, 2)], 3),
        ([f"w{who:02}{kind}/{k}.png" for who in (1, 2, 3) for kind in ("Genuine", "Forged") for k in (1, 2)], 3),
        (
            [
                f"{kind}/{who:{form}}_{k}.png"
                for who in (1, 2)
                for kind, form in (("real", ""), ("fake", "03"))
                for k in "123"
            ],
            2,
        ),
        ([f"{kind}/{who}/{k}.png" for who in "123" for kind in ("Echt", "Gef\u00e4lscht") for k in "12"], 3),
        ([f"{kind}_{who}_{k}.png" for who in "123" for kind in ("original", "falsificada") for k in "12"], 3),
        (
            [
                f"{kind}/{who}_{k}.png"
                for kind, who in (("real", "zo\u00eb"), ("fake", "zoe\u0308"), ("fake", "al"))
                for k in "123"
            ],
            2,
        ),
        (
            [f"{who}_{k}{end}.png" for who in ("ann", "bob") for k in "12" for end in ("", "_aug1", " - Copy", " (2)")],
            2,
        ),
        ([f"{who}_{k}_png.rf.{ord(who):08}{k:08}.jpg" for who in "abc" for k in (1, 2)], 3),
        ([f"c-{who:03}-{k:02}_jpg.rf.{who:08}{k:08}.jpg" for who in (1, 2, 3) for k in (1, 2)], 3),
        ([f"\u0940\u0915\u093e_{who}_{k}.png" for who in "123" for k in "123"], 3),
    ],
)
def test_kinds_and_parts_are_no_writers(paths: list[str], writers: int):
    found = find_writers(paths, "auto")
    assert len(set(found.keys)) == writers
    assert found.doubt == ""


@pytest.mark.parametrize(
    ("paths", "doubt"),
    [
        ([f"IMG_{n:04}.png" for n in range(5)], "nothing says who wrote which"),
        ([f"{n:04x}{n * 7919:06x}.png" for n in range(100, 160)], "nothing says who wrote which"),
        ([f"{who}_{n}.png" for who in ("ann", "bob") for n in range(300)], "only 2 for 600 files"),
        (
            [f"{kind}/{who}/{n}.png" for kind in ("prawdziwy", "podrobiony") for who in "123" for n in "12"],
            "may be one",
        ),
        (
            [f"{who}_{kind}_{n}.png" for kind in ("prawdziwy", "podrobiony") for who in "123" for n in "12"],
            "may be one",
        ),
        (
            [f"lease{who}_page{page}_{n}.png" for who in "123" for page in "12" for n in "123"],
            "1 and lease 1 page 2 count",
        ),
    ],
)
def test_what_is_not_convincing_is_doubted(paths: list[str], doubt: str):
    assert doubt in find_writers(paths, "auto").doubt


def test_a_pattern_of_the_user():
    found = find_writers(["x7-A.png", "x7-B.png", "y1-A.png", "odd.png"], r"([a-z]\d)-")
    assert found.keys == ["x7", "x7", "y1", "odd.png"]
    assert "1 files do not match" in found.doubt


def test_numbers_that_recur_in_two_folders_may_be_of_two_people():
    found = find_writers(
        [f"{group}/{n}/{k}.png" for n in (1, 2, 3) for group in ("Urdu", "Pashto") for k in "123"], "auto"
    )
    assert len(set(found.keys)) == 6
    assert found.doubt == "pashto/1 and urdu/1 count as two writers, and may be one"
