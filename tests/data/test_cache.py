"""The cache with two builders, failing builders and killed builders."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from programs import REPOSITORY

from data.cache import content_key, load_array, load_metadata, load_or_build, save_arrays


def test_the_key_follows_settings_names_and_bytes(tmp_path: Path):
    first, second = tmp_path / "a.png", tmp_path / "b.png"
    first.write_bytes(b"one")
    second.write_bytes(b"one")
    keys = {content_key({"n": 1}, [first]), content_key({"n": 2}, [first]), content_key({"n": 1}, [second])}
    keys.add(content_key({"n": 1}, [first, second]))
    assert content_key({"n": 1}, [first]) in keys
    first.write_bytes(b"two")
    keys.add(content_key({"n": 1}, [first]))
    assert len(keys) == 5


def test_arrays_and_metadata_round_trip_and_are_built_once(tmp_path: Path):
    builds = []

    def build(folder: Path) -> None:
        builds.append(folder)
        save_arrays(folder, {"bad": [["a", "b"]]}, numbers=np.arange(5))

    for _ in range(2):
        folder = load_or_build(tmp_path / "cache", "key", build)
    assert len(builds) == 1
    np.testing.assert_array_equal(load_array(folder, "numbers"), np.arange(5))
    assert load_metadata(folder) == {"bad": [["a", "b"]]}


def test_pickles_are_refused(tmp_path: Path):
    np.save(tmp_path / "evil.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        load_array(tmp_path, "evil")


def test_a_failing_build_leaves_nothing(tmp_path: Path):
    def build(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        load_or_build(tmp_path, "key", build)
    assert [path.name for path in tmp_path.iterdir()] == ["key.lock"]


def slow_build(folder: Path) -> None:
    time.sleep(0.5)
    (folder / f"built-by-{os.getpid()}").touch()


def build_at_once(cache: str) -> list[str]:
    return sorted(path.name for path in load_or_build(Path(cache), "key", slow_build).iterdir())


def test_of_two_processes_one_builds(tmp_path: Path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.map(build_at_once, [str(tmp_path)] * 2, chunksize=1)
    assert first == second
    assert len(first) == 1


def test_a_killed_builder_does_not_block_others(tmp_path: Path):
    program = """
import sys, time
from pathlib import Path
from data.cache import load_or_build
def build(folder):
    (folder / "half").write_text("half")
    print("building", flush=True)
    time.sleep(60)
load_or_build(Path(sys.argv[1]), "key", build)
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "building\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    folder = load_or_build(tmp_path, "key", lambda scratch: (scratch / "whole").write_text("whole"))
    assert [path.name for path in folder.iterdir()] == ["whole"]
