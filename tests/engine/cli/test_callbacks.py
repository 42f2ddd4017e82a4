"""Hydra's callbacks around a run."""

import pytest
from omegaconf import OmegaConf

from data.errors import UserError
from engine.cli.callbacks import validate_callbacks

PICKLES = {"p": {"_target_": "hydra.experimental.callbacks.PickleJobInfoCallback"}}
LOGS = {"log": {"_target_": "hydra.experimental.callbacks.LogJobReturnCallback"}}


def test_a_callback_without_a_folder_is_refused():
    with pytest.raises(UserError, match=r"hydra\.callbacks\.p: PickleJobInfoCallback has no folder") as error:
        validate_callbacks(OmegaConf.create({"callbacks": LOGS | PICKLES, "output_subdir": None}))
    assert "hydra.output_subdir=job_info" in error.value.remedies[0]


@pytest.mark.parametrize("callbacks", [{}, None, LOGS])
def test_others_pass(callbacks: dict | None):
    validate_callbacks(OmegaConf.create({"callbacks": callbacks, "output_subdir": None}))


def test_one_with_a_folder_passes():
    validate_callbacks(OmegaConf.create({"callbacks": PICKLES, "output_subdir": "job_info"}))
