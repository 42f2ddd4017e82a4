"""Overrides by Hydra's grammar, and the split of a command line into options and overrides."""

import pytest
from hydra.errors import OverrideParseException

from data.errors import UserError
from engine.overrides import CommandLine, Overrides


def test_values_are_hydras():
    given = Overrides(['run_dir="a=b"', "+model.x=3", "++seed=4", "task@a=cleaner", "model.filters=[8,16]", "a='b,c'"])
    assert [given.get(key) for key in ("run_dir", "model.x", "seed", "task@a", "a")] == ["a=b", 3, 4, "cleaner", "b,c"]
    assert given.get("model.filters") == [8, 16]
    assert given.swept == []
    assert list(given.without("seed", "a")) == [
        'run_dir="a=b"',
        "+model.x=3",
        "task@a=cleaner",
        "model.filters=[8,16]",
    ]


def test_the_last_of_a_key_counts_and_a_removal_has_no_value():
    given = Overrides(["seed=1", "seed=2,3", "~experiment", "experiment=x", "~experiment"])
    assert given.get("experiment", "none") == "none"
    assert given.removed == ["experiment", "experiment"]
    assert given.values("seed") == [2, 3]
    assert given.swept == ["seed"]
    assert Overrides(["seed=1,2", "seed=3"]).swept == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("run_dir=A,B", ["A", "B"]),
        ('run_dir="a=1","b,2"', ["a=1", "b,2"]),
        ("run_dir=choice(A,'b c')", ["A", "b c"]),
        ("run_dir=range(1,3)", [1, 2]),
        ("run_dir=interval(1,3)", []),
        ("run_dir=[A,B]", [["A", "B"]]),
    ],
)
def test_values_of_a_sweep(text: str, values: list):
    assert Overrides([text]).values("run_dir") == values


def test_later_ones_take_the_place_of_earlier_ones():
    joined = Overrides(["seed=1", "model.x=2", "hydra.a=1"]).followed_by(Overrides(["++seed=3"]))
    assert list(joined) == ["model.x=2", "hydra.a=1", "++seed=3"]
    assert list(joined.outside("hydra")) == ["model.x=2", "++seed=3"]
    assert list(joined.beneath("model", "hydra")) == ["model.x=2", "hydra.a=1"]


def test_what_is_not_of_the_grammar():
    for text in ("seed", "a=[1", 'a="b', "a=b=c", "a=ü"):
        with pytest.raises(OverrideParseException) as refusal:
            Overrides([text])
        assert refusal.value.override == text
    assert list(Overrides.readable(["seed=1", "a=[", 3, None, "-m"])) == ["seed=1"]


def test_options_stand_anywhere():
    line = CommandLine.read(["seed=1", "--config-dir", "x", "~experiment", "-m", "a.b=2", "--cfg=job"])
    assert line.options == ["--config-dir", "x", "-m", "--cfg=job"]
    assert line.texts == ["seed=1", "~experiment", "a.b=2"]
    assert line.arguments == ["--config-dir", "x", "-m", "--cfg=job", "seed=1", "~experiment", "a.b=2"]
    assert line.given.multirun
    for wrong in (["--nothing"], ["--cfg", "nothing"], ["--config-dir"]):
        with pytest.raises(UserError):
            CommandLine.read(wrong)
