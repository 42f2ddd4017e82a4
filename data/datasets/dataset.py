"""The base class of all datasets."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

from data.errors import UserError
from data.options import option, Options
from data.parallel import Progress

D = TypeVar("D", bound="Dataset")


@dataclasses.dataclass
class Dataset(Options):
    """An option of the config group `dataset`; `conf/dataset/<name>.yaml` holds its values."""

    name: str = option()
    part: str = option(choices=("validation", "test"), former="validation")
    max_bad_fraction: float = option(low=0.0, high=1.0)
    cache_dir: str = option()

    def obtain(self, progress: Callable[[str], Progress] | None = None) -> None:
        """Makes sure that the files of the user that the dataset reads are there, before anything is computed.

        Args:
          progress: makes a progress callback for a named stage, such as a download.

        Raises:
          UserError: they are not there.
        """
        return None  # drawn datasets read none

    def split_lines(self) -> list[tuple[str, str]]:
        """(label, text) lines on the split of the loaded dataset: its parts, and which examples belong together."""
        return []

    def split_values(self) -> dict[str, Any]:
        """Key -> value of the options that decide which part of the split an example is in."""
        return {
            field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.metadata.get("splits")
        }

    def datasets_by_key(self) -> dict[str, "Dataset"]:
        """Config key of each single dataset -> the dataset: itself, or the parts of a mixture."""
        return {"dataset": self}

    def part_names(self) -> list[str]:
        """Names of the parts whose metrics are reported besides those of the whole; none for a single dataset."""
        return []

    def no_test_part(self) -> UserError:
        """The error for `dataset.part=test` of a dataset without a test part."""
        names = {field.name for field in dataclasses.fields(self)}
        value = next((value for value in ("test=0.1", "test_writers=[1,2]") if value.partition("=")[0] in names), "")
        remedy = f"train on the same dataset with dataset.{value}, and give it here too" if value else ""
        return UserError(
            "dataset.part",
            f"dataset={self.name} has no test part" + (" here" if remedy else ""),
            tuple(filter(None, (remedy, "dataset.part=validation"))),
        )

    def left_out(self) -> str:
        """One line on the files in the dataset's folder that are not read; empty if all are."""
        return ""

    def with_download(self: D) -> D:
        """The same dataset with permission to download it if it is missing, if it can be downloaded."""
        if "download" in {field.name for field in dataclasses.fields(self)}:
            return dataclasses.replace(self, download=True)  # type: ignore[call-arg]
        return self
