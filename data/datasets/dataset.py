"""What every dataset has in common."""

import dataclasses
from typing import TypeVar

from data.options import option, Options

D = TypeVar("D", bound="Dataset")


@dataclasses.dataclass
class Dataset(Options):
    """The chosen option of the dataset group; `conf/dataset/<name>.yaml` holds the values."""

    name: str = option()
    max_bad_fraction: float = option(low=0.0, high=1.0)
    cache_dir: str = option()

    def left_out(self) -> str:
        """One line on the files in the dataset's folder that are not read; empty if there are none."""
        return ""

    def with_download(self: D) -> D:
        """The same dataset, fetched where it is missing, if there is a place to fetch it from."""
        if "download" in {field.name for field in dataclasses.fields(self)}:
            return dataclasses.replace(self, download=True)
        return self
