"""Datasets, checkpoints, run folders and configs from strangers run no code."""

import ast
import os
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY, Run, SMALL_UNET

NO_CODE = "nothing of it is run"

DANGEROUS = {"pickle.load", "pickle.loads", "dill.load", "joblib.load", "yaml.load", "eval", "exec", "marshal.loads"}


def calls(file: Path) -> list[tuple[str, ast.Call]]:
    tree = ast.parse(file.read_text())
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.fault(
    "a pickle or YAML tag in a dataset, cache or run folder", "nothing there is ever unpickled or evaluated"
)
@pytest.mark.parametrize("package", ["data", "models", "engine"])
def test_nothing_unpickles_or_evaluates(package: str):
    for file in (REPOSITORY / package).rglob("*.py"):
        for name, call in calls(file):
            assert name not in DANGEROUS, f"{file.name}:{call.lineno} {name}"
            if name in ("np.load", "numpy.load"):
                options = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
                assert options.get("allow_pickle", "False") == "False", f"{file.name}:{call.lineno}"


class Evil:
    """Leaves a file where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.mark),)


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.fault("a pickle in the place of a cached array", NO_CODE)
def test_a_pickled_array_in_the_cache(run: Run, tmp_path: Path):
    words = (*SMALL_UNET, "trainer.train_steps=2", "trainer.validation_interval=2", "dataset.cache_dir=cache")
    assert run(*words, cwd=tmp_path).returncode == 0
    arrays = list((tmp_path / "cache").rglob("*.npy"))
    assert arrays
    for array in arrays:
        np.save(array, np.array([Evil(tmp_path / "owned")], object), allow_pickle=True)
    done = run(*words, "resume=false", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "owned").exists()


@pytest.mark.fault("a run folder whose recorded words start programs", NO_CODE)
@pytest.mark.parametrize(
    "word",
    [
        "hydra.sweeper._target_=os.mkdir",
        "hydra/launcher=evil",
        "+dataset._target_=os.mkdir",
        "++hydra.callbacks.a._target_=os.mkdir",
        "--config-dir=evil",
        "-m",
    ],
)
def test_a_strangers_run_folder(word: str, tmp_path: Path):
    from engine.runs.resume import with_settings_of_run

    (tmp_path / ".hydra").mkdir()
    (tmp_path / ".hydra" / "overrides.yaml").write_text(f"- seed=3\n- '{word}'\n")
    assert with_settings_of_run([f"run_dir={tmp_path}"]) == ["seed=3", f"run_dir={tmp_path}"]


@pytest.mark.fault("a run folder whose record is YAML that makes objects", NO_CODE)
def test_a_strangers_yaml(tmp_path: Path):
    from engine.runs.resume import with_settings_of_run

    (tmp_path / ".hydra").mkdir()
    evil = f"- !!python/object/apply:os.mkdir ['{tmp_path}/owned']\n"
    (tmp_path / ".hydra" / "overrides.yaml").write_text(evil)
    with_settings_of_run([f"run_dir={tmp_path}"])
    assert not (tmp_path / "owned").exists()
