"""Overrides as Optuna's distributions, and what Optuna chose as overrides that Hydra reads as the same value."""

import math
from typing import Any

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

optuna = pytest.importorskip("optuna", reason="no Optuna here: pip install optuna")
from hydra_plugins.mpi_launcher._errors import LaunchError  # noqa: E402
from hydra_plugins.optuna_study._search_space import override_text, search_space, SearchSpace  # noqa: E402


def space_of(*words: str, params: dict[str, Any] | None = None, older: dict[str, Any] | None = None) -> SearchSpace:
    return search_space(params or {}, older or {}, words, None)


def drawn(space: SearchSpace, count: int = 60) -> list[list[str]]:
    """Overrides of some trials, the values drawn at random."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    distributions = {parameter.key: parameter.distribution for parameter in space.parameters}
    return [space.overrides(study.ask(distributions).params) for _ in range(count)]


def value_in(word: str) -> Any:
    return OverridesParser.create().parse_override(word).value()


CHOICES = [
    ("x=a,b", ["a", "b"]),
    ("x=choice(1,2.5,true)", [1, 2.5, True]),
    ("x=1,true,1.0,'1'", [1, True, 1.0, "1"]),
    ("x=null,0,false", [None, 0, False]),
    ("x=[1,2],[3],[]", [[1, 2], [3], []]),
    ("x=[[a,b],[c]],[d]", [[["a", "b"], ["c"]], ["d"]]),
    ("x={a:1},{b:[2]}", [{"a": 1}, {"b": [2]}]),
    ("x='a,b','c d',\"it's\"", ["a,b", "c d", "it's"]),
    ("x=a,'a',b", ["a", "b"]),
    ("x='null','true','3'", ["null", "true", "3"]),
    ("x=str(1),str(2)", ["1", "2"]),
    ("x=str(choice(1,null_))", ["1", "null_"]),
    ("x='',a", ["", "a"]),
    ("x=/data/a b.txt,'/data/c=d.txt'", ["/data/a b.txt", "/data/c=d.txt"]),
    (r"x=a\,b,c\\d", ["a,b", "c\\d"]),
    ("x='grüße','日本'", ["grüße", "日本"]),
    ("x=${a},${b.c}", ["${a}", "${b.c}"]),
    ("x=1e-5,-3,1_000", [1e-5, -3, 1000]),
    ("x=inf,1", [math.inf, 1]),
    ("x=range(1,4)", [1, 2, 3]),
    ("x=range(5,1,-2)", [3, 5]),
    ("x=shuffle(range(3))", [0, 1, 2]),
    ("x=range(0,1,0.25)", [0.0, 0.25, 0.5, 0.75]),
    ("x=float(range(1,3))", [1.0, 2.0]),
    ("x=int(interval(1,3))", [1, 2, 3]),
    ("x=sort(3,1,2)", [1, 2, 3]),
    ("model=unet,autoencoder", ["unet", "autoencoder"]),
    ("+db@here=one,two", ["one", "two"]),
]


@pytest.mark.parametrize(("word", "values"), CHOICES, ids=[word for word, _ in CHOICES])
def test_each_choice_arrives_as_the_value_that_was_given(word: str, values: list[Any]):
    key = word.split("=")[0]
    found = []
    for (override,) in drawn(space_of(word)):
        assert override.startswith(f"{key}=")
        value = value_in(override)
        if not any(value == known and type(value) is type(known) for known in found):
            found.append(value)
    assert sorted(map(repr, found)) == sorted(map(repr, values))


def test_the_overrides_are_those_of_the_basic_sweeper():
    word = r"x=[1,2],{a:1},'a,b',null,/p/a b,1e-5,a\,b"
    override = OverridesParser.create().parse_override(word)
    assert {drawn[0] for drawn in drawn(space_of(word), 200)} == {f"x={t}" for t in override.sweep_string_iterator()}


@pytest.mark.parametrize(
    ("word", "low", "high", "kind"),
    [
        ("x=interval(0,1)", 0, 1, float),
        ("x=interval(1e-5,1e-3)", 1e-5, 1e-3, float),
        ("x=tag(log, interval(1e-5,1e-1))", 1e-5, 1e-1, float),
        ("x=tag(log, int(interval(1,100)))", 1, 100, int),
        ("x=int(interval(1.5,9.2))", 1, 9, int),
        ("x=float(interval(-3,-1))", -3, -1, float),
    ],
)
def test_intervals_with_both_ends(word: str, low: float, high: float, kind: type):
    values = [value_in(override) for (override,) in drawn(space_of(word))]
    assert all(low <= value <= high and type(value) is kind for value in values)
    assert max(values) > min(values)
    if "log" in word:
        below = sum(value < math.sqrt(low * high) for value in values)
        assert 15 < below < 45  # half of the draws lie in the lower half of the logarithmic scale


def test_what_has_one_value_is_the_same_in_all_trials_and_stays_in_its_place():
    space = space_of("~db", "+db=one", "x=1,2", "name='a, b'", "y=[1,2]")
    for words in drawn(space, 5):
        assert words[:2] == ["~db", "+db=one"]
        assert words[3:] == ["name='a, b'", "y=[1,2]"]


def test_the_command_line_takes_the_place_of_the_config():
    params = {"x": "interval(0,1)", "y": 5, "z": None, "w": [1, 2], "name": "a b", "on": True}
    (words,) = drawn(space_of("++x=3", "y=1,2", params=params), 1)
    assert words[:4] == ["z=null", "w=[1,2]", "name=a b", "on=True"]
    assert words[4] == "++x=3"
    assert words[5] in ("y=1", "y=2")


def test_the_older_way_of_hydra_optuna_sweeper():
    older = {
        "x": {"type": "float", "low": 0, "high": 1, "step": 0.5},
        "y": {"type": "categorical", "choices": [1, "a,b", [1, 2]]},
        "z": {"type": "int", "low": 1, "high": 100, "log": True},
    }
    trials = [[value_in(word) for word in words] for words in drawn(space_of(older=older))]
    assert {x for x, _, _ in trials} == {0.0, 0.5, 1.0}
    assert {repr(y) for _, y, _ in trials} == {"1", "'a,b'", "[1, 2]"}
    assert all(type(z) is int and 1 <= z <= 100 for _, _, z in trials)


NONSENSE = {
    "x=interval(5,1)": "low",
    "x=tag(log, interval(0,1))": "low > 0",
    "x=interval(0,inf)": "finite",
    "x=interval(nan,1)": "finite",
    "x=tag(log, choice(1,2))": "tag(log, interval(...))",
    "x=tag(linear, interval(1,2))": "tag(log, interval(...))",
    "x=range(3,3)": "empty",
    "x=range(1,4,0)": "empty",
    "x=range(1,4,-1)": "empty",
    "x=interval(1,2),5": "among others",
    "x=interval(1": "key=value",
    "interval(1,2)": "key=value",
}


@pytest.mark.parametrize("word", NONSENSE)
def test_nonsense_is_one_line_that_names_it(word: str):
    with pytest.raises(LaunchError) as caught:
        space_of(word)
    assert str(caught.value).startswith(f"{word}: ")
    assert NONSENSE[word] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("entry", [{"type": "real"}, {"type": "int", "low": 1}, 3, None, {"type": "categorical"}])
def test_nonsense_in_the_older_way(entry: Any):
    with pytest.raises(LaunchError, match=r"^hydra.sweeper.search_space.x: .*type: categorical, choices"):
        space_of(older={"x": entry})


@pytest.mark.parametrize(
    "value",
    [1, -1.5, 1e-12, True, None, "a", "a b", "null", "3", "it's", 'say "it"', "a\\", "", " x ", "ü", "[1]", "$x"],
)
def test_any_value_is_written_so_that_it_is_read_again(value: Any):
    read = value_in(f"key={override_text(value)}")
    assert read == value
    assert type(read) is type(value)
