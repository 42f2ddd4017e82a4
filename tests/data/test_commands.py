"""Printed overrides and commands keep their values through the shell and Hydra's grammar."""

import shlex
import sys
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from data.commands import command, make, override, REPOSITORY, typed
from engine.overrides import Overrides

VALUES = (
    *("plain", "outputs/a=b", "a b", "a,b", "müller", "[1]", "lr[1]", "*", "a?b", "{x}", "(x)", "tag(x)", "a;b", "a#b"),
    *(
        "q'x",
        'q"x',
        "back\\",
        'b\\"x',
        "\\",
        "a\\b",
        "\\\\srv",
        "new\nline",
        "tab\tx",
        "$HOME",
        "${seed}",
        "a${b:c}",
        "$x",
    ),
    *(
        "007",
        "1e3",
        "1_000",
        "true",
        "null",
        "nan",
        "Inf",
        "-1",
        "2026-11-01",
        "~/x",
        "",
        " a",
        "a ",
        "-m",
        "%s",
        "!x",
        "&",
    ),
)


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back_through_hydra(value: str):
    read = Overrides([override("run_dir", value)]).get("run_dir")
    assert isinstance(read, str)
    assert OmegaConf.create({"value": read, "seed": 1}).value == value


@pytest.mark.parametrize("value", VALUES)
def test_a_command_comes_back_through_the_shell(value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["my checkout/train.py", "-m", "--config-dir", "my conf", "-cn=x", "seed=1,2"])
    words = shlex.split(command(override("run_dir", value)))
    assert words[1:] == ["my checkout/train.py", "--config-dir", "my conf", "-cn=x", override("run_dir", value)]


@pytest.mark.parametrize("value", VALUES)
def test_a_typed_override_comes_back_through_the_shell(value: str):
    assert shlex.split(typed("dataset.root", value)) == [override("dataset.root", value)]


def test_ordinary_values_are_not_quoted():
    assert override("run_dir", "outputs/cleaner/2026-11-01_10-00-00") == "run_dir=outputs/cleaner/2026-11-01_10-00-00"
    assert override("run_dir", Path("/a/b-c.d")) == "run_dir=/a/b-c.d"


def test_make_works_in_the_checkout_and_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(REPOSITORY)
    assert make("install") == "make install"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Makefile").write_text("")
    assert make("install", "A=b c") == f"make -C {shlex.quote(str(REPOSITORY))} install 'A=b c'"
