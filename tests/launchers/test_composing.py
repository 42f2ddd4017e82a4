"""Configs of many jobs are composed quickly, and equal those that Hydra composes."""

import composing  # noqa: F401 - registers the resolvers and the settings of old runs
import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from hydra.types import RunMode
from hydra_plugins.mpi_launcher._composing import Composer
from omegaconf import DictConfig, OmegaConf
from programs import REPOSITORY

BASE = ["task=cleaner", "dataset=synthetic", "model=unet"]
JOBS = [
    ["seed=3"],
    ["seed=4", "model.learning_rate=1e-3"],
    ["seed=5", "model.learning_rate=2e-3"],
    ["model.learning_rate=2e-3", "seed=5"],
    ["+x=1"],
    ["+x='a b'"],
    ["+x=null"],
    ["+x=[1,2]"],
    ["+x=[3]"],
    ["+x={a: 1}"],
    ["+x={b: 2}"],
    ["model.filters=[8,8]"],
    ["model.filters=[8,8,8]"],
    ["trainer.profile_steps=[1,2]"],
    ["trainer.profile_steps=[]"],
    ["~predict.score"],
    ["~predict.input"],
    ["hydra.launcher.retries=2", "seed=9"],
    ["hydra.launcher.retries=3", "seed=9"],
    ["++model.learning_rate=3"],
    ["++model.learning_rate=4"],
    ["run_dir=a/b"],
    ["run_dir='${export_dir}/c'"],
    ["model=autoencoder", "seed=1"],
    ["model=autoencoder", "seed=2"],
    ["hardware=cpu2", "seed=2"],
]


@pytest.fixture
def loader_and_config():
    with initialize_config_dir(str(REPOSITORY / "conf"), version_base="1.3"):
        hydra = GlobalHydra.instance().hydra
        yield (
            hydra.config_loader,
            hydra.compose_config("config", [*BASE, "model.learning_rate=1e-3,2e-3"], run_mode=RunMode.MULTIRUN),
        )


def content(config: DictConfig) -> dict:
    return OmegaConf.to_container(config, resolve=False)


def test_a_config_is_the_one_that_hydra_composes(loader_and_config):
    loader, config = loader_and_config
    composer = Composer(loader)
    for overrides in JOBS:
        expected, found = (
            compose(config, [*BASE, *overrides]) for compose in (loader.load_sweep_config, composer.compose)
        )
        assert content(found) == content(expected), overrides
        assert OmegaConf.is_struct(found)
        assert found.hydra.sweep.dir == expected.hydra.sweep.dir  # the time of the sweep
    for overrides in (["seed=[1,2"], ["nope=1"], ["seed=1", "nope=1"], ["predict.samples=x"], ["+seed=1"]):
        with pytest.raises(HydraException) as error:
            loader.load_sweep_config(config, [*BASE, *overrides])
        with pytest.raises(type(error.value)) as same:
            composer.compose(config, [*BASE, *overrides])
        assert str(same.value) == str(error.value)


def test_jobs_do_not_share_what_they_change(loader_and_config):
    loader, config = loader_and_config
    composer = Composer(loader)
    first, second = (composer.compose(config, [*BASE, f"seed={seed}"]) for seed in (1, 2))
    first.model.learning_rate = 99
    assert second.model.learning_rate != 99
    assert (first.seed, second.seed) == (1, 2)


def test_the_loader_is_sent_to_ranks_as_it_was(loader_and_config):
    loader, config = loader_and_config
    before = list(vars(loader))
    composer = Composer(loader)
    composer.install()
    checked = loader.load_sweep_config(master_config=config, sweep_overrides=BASE)  # as Hydra's sweeper calls it
    assert content(checked) == content(composer.compose(config, BASE))
    composer.remove()
    composer.remove()
    assert list(vars(loader)) == before
