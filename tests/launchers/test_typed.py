"""Printed commands: a shell and Hydra read them as the original ones."""

import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra_plugins.mpi_launcher._typed import override, program
from strangers import swept

VALUES = [
    "sweeps/2026-11-25_10-00-00",
    "/a b/c",
    "it's",
    'say "x"',
    "a=b",
    "[1,2]",
    "{a: 1}",
    "(x)",
    "a,b",
    "für/ö",
    "$HOME",
    "back\\slash",
    "end\\",
    "\\'both",
    "null",
    "true",
    "12",
    "1e3",
    "-1.5",
    "inf",
    "nan",
    "~",
    "~/x",
    " edge ",
    "a#b",
    "a:b",
    "x*?",
    "${now:%Y}"[1:],
    "tab\tx",
]


@pytest.mark.parametrize("value", VALUES)
def test_hydra_reads_a_printed_value_as_it_was(value: str):
    (word,) = shlex.split(shlex.join([override("key", value)]))
    (read,) = OverridesParser.create().parse_overrides([word])
    assert (read.key_or_group, read.value()) == ("key", value)


def started(monkeypatch: pytest.MonkeyPatch, *words: str, **spec: str) -> str:
    monkeypatch.setattr(sys, "argv", list(words))
    main = SimpleNamespace(__spec__=SimpleNamespace(**spec) if spec else None)
    monkeypatch.setitem(sys.modules, "__main__", main)
    return program()


def test_a_program_is_named_as_it_was_typed(monkeypatch: pytest.MonkeyPatch):
    assert started(monkeypatch, "program.py", "-m", "x=1") == "python program.py"
    assert started(monkeypatch, "../tools/go.py") == "python ../tools/go.py"
    assert started(monkeypatch, "/my things/go.py") == "python '/my things/go.py'"
    assert started(monkeypatch, "zipped") == "python zipped"
    assert started(monkeypatch, "/p/a.py", name="pkg.a", origin="/p/a.py") == "python -m pkg.a"
    assert started(monkeypatch, "/p/__main__.py", name="pkg.__main__", origin="/p/__main__.py") == "python -m pkg"
    assert started(monkeypatch, "a.py", name="cProfile", origin="/lib/cProfile.py") == "python a.py"


def test_an_installed_command_goes_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert started(monkeypatch, str(tool)) == "tool"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--config-dir", "my conf", "-m", "x=1"], "--config-dir 'my conf'"),
        (["-m", "x=1", "-cd=c"], "--config-dir c"),
        (["-cn", "other", "-cp", "/c", "x=1"], "--config-name other --config-path /c"),
        (["--config-path=/c", "--multirun"], "--config-path /c"),
        (["x=--config-dir"], ""),
    ],
)
def test_options_for_the_config_stay(monkeypatch: pytest.MonkeyPatch, words: list[str], expected: str):
    assert started(monkeypatch, "a.py", *words) == f"python a.py {expected}".strip()


PROGRAM = """\
import hydra

@hydra.main(version_base=None, config_path="conf", config_name="one")
def main(config):
    print("value", config.x, config.name)
    if config.x == 2:
        raise ValueError("no")
    return config.x

main()
"""


@pytest.mark.slow
def test_the_commands_at_the_end_of_a_sweep_can_be_pasted(tmp_path: Path):
    for folder, name in (("conf", "one"), ("my conf", "two")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.yaml").write_text("x: 1\nname: n\n")
    (tmp_path / "my tools").mkdir()
    (tmp_path / "my tools/app.py").write_text(PROGRAM.replace('"conf"', '"../conf"'))
    program = ("my tools/app.py", "--config-dir", "my conf", "-cn", "two")
    words = ("x=1,2", "name='a b'", "hydra.sweep.dir='put [here] it\\'s=ü'")
    done = swept(tmp_path, *words, program=program)
    said = {line[:9].strip(): line[9:] for line in done.stdout.splitlines() if line[:9] in ("repeat   ", "resume   ")}
    python = f'python() {{ "{sys.executable}" "$@"; }}\n'
    repeated = subprocess.run(["bash", "-c", python + said["repeat"]], cwd=tmp_path, capture_output=True, text=True)
    assert (repeated.returncode, repeated.stdout) == (0, "value 1 a b\n"), repeated.stderr
    gone_on = subprocess.run(["bash", "-c", python + said["resume"]], cwd=tmp_path, capture_output=True, text=True)
    assert "2 jobs in put [here] it's=ü on 1 slots, 1 done before" in gone_on.stdout
