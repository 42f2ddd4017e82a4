"""Composes the configs of many jobs that differ only in plain values.

Hydra reads all files of a config again for each job, and its sweepers compose each job once more to check it. What a
job sets to a plain value changes nothing of what is read: jobs that choose the same options of groups and set the same
keys share a composed config, in which each then has its own values.
"""

import contextlib
import functools
import gc
import pickle
from collections.abc import Iterator, Sequence
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

TEMPLATES = 64
"""Composed configs that are kept: one for each choice of groups and set of keys."""

_Shape = tuple[str | None, ...]


class Composer:
    """Composes the configs of the jobs of a sweep, as `ConfigLoader.load_sweep_config` does.

    Args:
      loader: Hydra's.
    """

    def __init__(self, loader: ConfigLoader) -> None:
        self._loader = loader
        self._templates: dict[_Shape, bytes] = {}
        self._parsed = functools.lru_cache(maxsize=4096)(_parsed)
        self._is_group = functools.lru_cache(maxsize=None)(lambda key: bool(loader.get_group_options(key)))

    def compose(self, master_config: DictConfig, sweep_overrides: Sequence[str]) -> DictConfig:
        """The config of a job.

        Args:
          master_config: of the sweep, composed without what is swept.
          sweep_overrides: of the job.

        Raises:
          HydraException: see Hydra.
        """
        overrides = list(sweep_overrides)
        with contextlib.suppress(Exception):  # whatever is wrong, Hydra reports it below
            parsed = [self._parsed(override) for override in overrides]
            shape = tuple(map(self._shape_of, parsed))
            if shape in self._templates:
                with _without_garbage_collection():
                    return _with_values(self._templates[shape], master_config, parsed, shape)
            if None not in shape and len(self._templates) < TEMPLATES:
                config = type(self._loader).load_sweep_config(self._loader, master_config, overrides)
                self._templates[shape] = pickle.dumps(config)
                return config
        return type(self._loader).load_sweep_config(self._loader, master_config, overrides)

    def _shape_of(self, override: Override) -> str | None:
        """What jobs must share to share a template; None if the override fits none."""
        if override.is_sweep_override() or override.package is not None or isinstance(override.value(), dict):
            return None
        key = override.get_key_element()
        if override.is_delete() or override.is_hydra_override() or self._is_group(override.key_or_group):
            return str(override.input_line)
        return f"{key}="

    def install(self) -> None:
        """Patches the loader, so that its other users, such as a sweeper that checks jobs, compose like this too."""
        vars(self._loader)["load_sweep_config"] = self.compose

    def remove(self) -> None:
        """Restores the loader, which is sent to the ranks."""
        vars(self._loader).pop("load_sweep_config", None)


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Disables the garbage collector, which would take half of the time to find that all new objects are in use."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _parsed(override: str) -> Override:
    return OverridesParser.create().parse_override(override)


def _with_values(template: bytes, master: DictConfig, overrides: Sequence[Override], shape: _Shape) -> DictConfig:
    from hydra._internal.config_loader_impl import get_overrides_dirname

    config: DictConfig = pickle.loads(template)
    for override, kept in zip(overrides, shape, strict=True):
        if kept != override.input_line:
            added = override.is_add() or override.is_force_add()
            OmegaConf.update(config, override.key_or_group, override.value(), merge=True, force_add=added)
    own = [override for override in overrides if not override.is_hydra_override()]
    job: Any = config.hydra.job
    with read_write(config.hydra), open_dict(config.hydra):
        config.hydra.overrides.task = [override.input_line for override in own]
        job.override_dirname = get_overrides_dirname(
            overrides=own,
            kv_sep=job.config.override_dirname.kv_sep,
            item_sep=job.config.override_dirname.item_sep,
            exclude_keys=job.config.override_dirname.exclude_keys,
        )
    OmegaConf.copy_cache(from_config=master, to_config=config)
    return config
