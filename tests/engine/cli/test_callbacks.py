"""Hydra's callbacks around a run."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf
from programs import Run
from small_runs import SMALL

from data.errors import UserError
from engine.cli.callbacks import validate_callbacks

PICKLES = {"p": {"_target_": "hydra.experimental.callbacks.PickleJobInfoCallback"}}
LOGS = {"log": {"_target_": "hydra.experimental.callbacks.LogJobReturnCallback"}}


def test_a_callback_without_a_folder_is_refused():
    with pytest.raises(UserError, match=r"hydra\.callbacks\.p: PickleJobInfoCallback has no folder") as error:
        validate_callbacks(OmegaConf.create({"callbacks": LOGS | PICKLES, "output_subdir": None}))
    assert error.value.remedies[0] == "leave it out:  ~hydra.callbacks.p"
    assert "hydra.output_subdir: job_info" in error.value.remedies[1]


@pytest.mark.parametrize("callbacks", [{}, None, LOGS])
def test_others_pass(callbacks: dict | None):
    validate_callbacks(OmegaConf.create({"callbacks": callbacks, "output_subdir": None}))


def test_one_with_a_folder_passes():
    validate_callbacks(OmegaConf.create({"callbacks": PICKLES, "output_subdir": "job_info"}))


@pytest.mark.parametrize("more", [(), ("hydra.launcher.dry_run=true",)])
def test_a_sweep_with_one_is_refused_before_the_first_trial(run: Run, tmp_path: Path, more: tuple[str, ...]):
    recipe = tmp_path / "mine" / "experiment" / "pickled.yaml"
    recipe.parent.mkdir(parents=True)
    recipe.write_text(f"# @package _global_\nhydra: {{callbacks: {PICKLES}}}\n")
    done = run("--config-dir", "mine", "-m", "experiment=pickled", *SMALL, "seed=1,2", *more, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: hydra.callbacks.p: PickleJobInfoCallback has no folder")
    assert not (tmp_path / "outputs").exists()
