"""Whatever a program can rely on under Hydra's basic launcher also works under this one."""

from pathlib import Path

import pytest
from mpi_programs import MPIRUNS
from strangers import swept, values

pytestmark = pytest.mark.slow

ON = pytest.mark.parametrize("mpirun", MPIRUNS)

PROGRAM = """\
import enum
import functools
import multiprocessing
import os
import sys
from dataclasses import dataclass

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

OmegaConf.register_new_resolver("double", lambda value: 2 * value)
COUNT = 0


class Colour(enum.Enum):
    RED = 1


@dataclass
class Config:
    kind: str = ""
    x: int = 1
    y: int = "${double:${x}}"
    colour: Colour = Colour.RED


ConfigStore.instance().store(name="config", node=Config)


class Net:
    def __init__(self, size=1):
        self.size = size


class Deep(Net):
    def __init__(self, size=1):
        super().__init__(size)


def square(item):
    return item.size**2 if isinstance(item, Net) else item**2


@functools.lru_cache
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@hydra.main(version_base=None, config_name="config")
def main(config):
    global COUNT
    import __main__

    if config.kind == "target":
        return hydra.utils.instantiate({"_target_": "__main__.Deep", "size": 3}).size
    if config.kind in ("spawn", "fork", "forkserver"):
        with multiprocessing.get_context(config.kind).Pool(2) as pool:
            return sum(pool.map(square, [Net(2), Deep(3), 4]))
    if config.kind == "same":
        COUNT += 1
        return [__main__.Colour is type(config.colour), __main__.square is square, __main__.COUNT == COUNT == 1]
    if config.kind == "resolver":
        return config.y
    if config.kind == "cache":
        return fibonacci(30)
    if config.kind == "stdin":
        return len(sys.stdin.read())
    if config.kind == "input":
        return input("overwrite? ")
    if config.kind == "exit":
        sys.exit(0)
    if config.kind == "exit text":
        sys.exit("the data is not there")
    if config.kind == "os exit":
        os._exit(0)
    if config.kind == "path":
        return sys.path
    if config.kind == "flags":
        return [sys.flags.optimize, sys.flags.dont_write_bytecode, sys.warnoptions]
    if config.kind == "where":
        return [os.getcwd(), HydraConfig.get().sweep.subdir, os.environ.get("COLOUR")]


PATH = sys.path
if GUARD:
    print("PATH", sys.path)
    main()
"""

GUARDED, BARE = PROGRAM.replace("GUARD", '__name__ == "__main__"'), PROGRAM.replace("GUARD", "True")


@ON
def test_a_program_finds_itself_in_a_rank(tmp_path: Path, mpirun: str):
    (tmp_path / "app.py").write_text(GUARDED)
    kinds = "kind=target,spawn,fork,forkserver,same,resolver,cache"
    done = swept(tmp_path, kinds, f"hydra.launcher.mpirun={mpirun}")
    assert done.returncode == 0, done.stderr
    assert values(tmp_path) == [3, 29, 29, 29, [True, True, True], 2, 832040]


@pytest.mark.parametrize("program", [("-m", "package.app"), ("-m", "package")])
def test_a_program_in_a_package_does_too(tmp_path: Path, program: tuple[str, ...]):
    (tmp_path / "package").mkdir()
    for name in ("__init__.py", "app.py", "__main__.py"):
        (tmp_path / "package" / name).write_text(GUARDED if name != "__init__.py" else "")
    done = swept(
        tmp_path, "kind=target,spawn,fork,same" if "app" in program[1] else "kind=target,fork", program=program
    )
    assert done.returncode == 0, done.stderr
    assert values(tmp_path)[0] == 3
    assert set(map(str, values(tmp_path)[1:])) <= {"29", "[True, True, True]"}
    assert f"repeat   python -m {program[1]} kind=target" in done.stdout


def test_a_main_without_a_guard_runs_once(tmp_path: Path):
    (tmp_path / "app.py").write_text("open('started', 'a').write('x')\n" + BARE)
    done = swept(tmp_path, "kind=target,fork")
    assert done.returncode == 0, done.stderr
    assert values(tmp_path) == [3, 29]
    assert (tmp_path / "started").read_text() == "x"


@ON
@pytest.mark.fault("a trial reads its standard input", "it gets the end of the input at once")
def test_the_input_of_a_rank_is_at_its_end(tmp_path: Path, mpirun: str):
    (tmp_path / "app.py").write_text(BARE)
    swept(tmp_path, "kind=stdin,input", f"hydra.launcher.mpirun={mpirun}", timeout=60)
    assert values(tmp_path) == [0, "EOFError: EOF when reading a line"]


def test_ends_by_exit(tmp_path: Path):
    (tmp_path / "app.py").write_text(BARE)
    done = swept(tmp_path, "kind=exit,exit text,os exit,target")
    assert values(tmp_path) == [None, "the data is not there", "rank 0 left without a result", 3]
    assert "Traceback" not in done.stderr
    assert "job 1: the data is not there" in done.stderr or "the data is not there" in done.stderr


def test_modules_come_from_where_the_launching_process_has_them(tmp_path: Path):
    for folder, who in (("tools/lib", 1), ("lib", 2), ("types", 3), ("pickle", 4)):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").write_text(f"WHO = {who}\n")
    tool = BARE.replace("PATH = sys.path", "import lib\n")
    (tmp_path / "tools/go.py").write_text(tool.replace("return sys.path", "return [lib.WHO, *sys.path]"))
    done = swept(tmp_path, "kind=path", program=("tools/go.py",))
    assert done.returncode == 0, done.stderr
    (value,) = values(tmp_path)
    assert value[0] == 1
    (printed,) = [line for line in done.stdout.splitlines() if line.startswith("PATH ")]
    assert str(value[1:]) == printed.removeprefix("PATH ")


def test_flags_of_python_reach_the_ranks(tmp_path: Path):
    (tmp_path / "app.py").write_text(BARE)
    swept(tmp_path, "kind=flags", program=("-O", "-B", "-W", "ignore::DeprecationWarning", "app.py"))
    assert values(tmp_path) == [[1, 1, ["ignore::DeprecationWarning"]]]


def test_a_symbolic_link_to_a_program(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/app.py").write_text(GUARDED + "\n")
    (tmp_path / "real/beside.py").write_text("")
    (tmp_path / "link.py").symlink_to(tmp_path / "real/app.py")
    done = swept(tmp_path, "kind=target,spawn,fork", program=("link.py",))
    assert done.returncode == 0, done.stderr
    assert values(tmp_path) == [3, 29, 29]


@pytest.mark.parametrize("launcher", ["basic", "mpi"])
def test_folders_and_variables_of_a_job(tmp_path: Path, launcher: str):
    (tmp_path / "app.py").write_text(
        BARE.replace("return [os.getcwd()", "open('here', 'w').write(repr([os.getcwd()").replace(
            'get("COLOUR")]', 'get("COLOUR")]))'
        )
    )
    overrides = (
        "kind=where",
        "x=1,2",
        "hydra.sweep.subdir=a/${x}",
        "hydra.job.chdir=true",
        "+hydra.job.env_set.COLOUR=red",
    )
    done = swept(tmp_path, *overrides, f"hydra/launcher={launcher}")
    assert done.returncode == 0, done.stderr
    for x in (1, 2):
        seen = (tmp_path / f"sweep/a/{x}/here").read_text()
        assert seen == repr([str(tmp_path / f"sweep/a/{x}"), f"a/{x}", "red"])


PICKLES = "+hydra.callbacks.p={_target_: hydra.experimental.callbacks.PickleJobInfoCallback}"


def test_callbacks_of_a_job_run_in_its_ranks(tmp_path: Path):
    (tmp_path / "app.py").write_text(GUARDED)
    done = swept(tmp_path, "kind=target", PICKLES, "hydra.launcher.processes=2")
    assert done.returncode == 0, done.stderr
    assert "note" not in done.stdout
    names = {file.name for file in (tmp_path / "sweep/0/.hydra").iterdir()}
    assert names >= {"config.pickle", "job_return.pickle", "config.yaml"}
    assert not list((tmp_path / "sweep/0").glob("*/rank_*"))


@pytest.mark.fault("a callback of Hydra's fails in a trial", "the trial continues; the end of the sweep says so")
def test_a_callback_that_fails_is_reported(tmp_path: Path):
    (tmp_path / "app.py").write_text(GUARDED)
    done = swept(tmp_path, "kind=target", PICKLES, "hydra.output_subdir=null")
    assert done.returncode == 0, done.stderr
    assert "note     job 0: Callback PickleJobInfoCallback.on_job_start raised TypeError" in done.stdout
