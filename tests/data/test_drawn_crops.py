"""dataset=crops: drawn once, read from the cache afterwards, alone or as a part of a mixture."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from composing import accepted

from data.errors import UserError
from data.ink import unpack

FEW = ("pages=5", "held_out_pages=4", "variants=2")


def crops(cache_dir: Path, *overrides: str):
    options = [f"dataset.{option}" for option in (*FEW, f"cache_dir={cache_dir}", *overrides)]
    return accepted("dataset=crops", *options).dataset


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_each_crop_has_the_noise_of_its_own_page(cache_dir: Path):
    stages = []

    def progress(name: str):
        stages.append(name)
        return lambda done, total: None

    data = crops(cache_dir).load(progress)
    (part,) = data.parts
    pools = part.pools
    signatures = len(pools.ink)
    assert signatures >= 3
    assert pools.ink.shape == (signatures, 2, 224, 28)
    assert pools.noise.shape == (2 * signatures, 224, 28)
    assert pools.paired
    assert not (pools.ink.reshape(pools.noise.shape) & pools.noise).any()
    assert (unpack(pools.ink).mean(axis=(2, 3)) > 0.01).any()
    assert not (pools.validation.clean & ~pools.validation.noisy).any()
    assert len(pools.validation) >= 1
    again = crops(cache_dir).load(progress)
    assert stages == ["crops", "validation"]
    assert again.fingerprint == data.fingerprint
    np.testing.assert_array_equal(again.parts[0].pools.ink, pools.ink)


def test_other_numbers_are_other_crops(cache_dir: Path):
    one, other = crops(cache_dir).load(), crops(cache_dir, "seed=2").load()
    assert one.fingerprint != other.fingerprint
    assert one.source != other.source


def test_a_mixture_keeps_the_noise_of_crops_with_them(cache_dir: Path):
    noise = ("writers=3", "held_out_writers=1", "samples_per_writer=1", "variants=1", "noise_layers=4")
    dataset = accepted(
        "task=cleaner",
        "dataset=mixture",
        "+dataset@dataset.parts.noise=synthetic/cleaner",
        *(f"dataset.parts.noise.{option}" for option in noise),
        "+dataset@dataset.parts.pages=crops",
        *(f"dataset.parts.pages.{option}" for option in FEW),
        f"dataset.cache_dir={cache_dir}",
    ).dataset
    data = dataset.load()
    assert [(part.name, part.pools.paired) for part in data.parts] == [("noise", False), ("pages", True)]
    assert list(data.validation_parts) == ["noise", "pages"]


def test_there_is_no_test_part(cache_dir: Path):
    with pytest.raises(UserError, match="dataset=crops has no test part"):
        dataclasses.replace(crops(cache_dir), part="test").load()
