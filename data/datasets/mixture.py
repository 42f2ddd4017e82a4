"""Several datasets of one task at once, each with its share of the training examples."""

import abc
import contextlib
import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from data.datasets.dataset import Dataset
from data.errors import UserError
from data.options import keys_in, option, options_by_name
from data.parallel import Progress
from data.weights import read_weights

M = TypeVar("M", bound="Mixture")

_OF_ALL = ("cache_dir", "max_bad_fraction")
"""Options that must be the same in all parts."""

_GIVEN_ONCE = (*_OF_ALL, "part")
"""Options that are given for all parts at once."""

_NAME = re.compile(r"[A-Za-z_]\w*")

_ADD = "+dataset@dataset.parts.<name>=<dataset>"


@contextlib.contextmanager
def errors_of(name: str) -> Iterator[None]:
    """Names the keys of a part in the errors of its dataset: dataset.parts.scans.root instead of dataset.root.

    Args:
      name: the name of the part.
    """
    try:
        yield
    except UserError as error:
        texts = (error.what, error.why, *error.remedies)
        what, why, *remedies = (
            text if " dataset=" in text else keys_in(f"dataset.parts.{name}", text, _GIVEN_ONCE)  # a complete command
            for text in texts
        )
        raise UserError(what, why, tuple(remedies)) from None


@dataclasses.dataclass
class Mixture(Dataset, abc.ABC):
    """Several datasets, each with a name, its own options, its own split and its own metrics.

    `part`, `cache_dir` and `max_bad_fraction` hold for all parts.
    """

    parts: dict[str, Any] = options_by_name(_ADD)
    weights: list[str] = option()

    def check(self) -> None:
        if not self.parts:
            raise UserError("dataset.parts", "names no dataset", (f"each is added as  {_ADD}",))
        for name, part in self.parts.items():
            key = f"dataset.parts.{name}"
            if not _NAME.fullmatch(name):
                raise UserError(key, "the name of a part has letters, digits and _, and begins with a letter")
            if isinstance(part, Mixture):
                raise UserError(key, "a mixture cannot be a part of another; name its parts here")
            if part.part != "validation":
                raise UserError(f"{key}.part", f"give it for all parts at once:  dataset.part={part.part}")
        for key in _OF_ALL:
            self._check_same(key)
        self.weight_of_each()

    def _check_same(self, key: str) -> None:
        """Refuses a part whose value of an option that holds for all parts differs from the others'."""
        values = {name: getattr(part, key) for name, part in self.parts.items()}
        if len(set(values.values())) > 1:
            first = next(name for name, value in values.items() if value != min(values.values()))
            raise UserError(f"dataset.parts.{first}.{key}", f"give one for all parts:  dataset.{key}=<value>")

    def weight_of_each(self) -> dict[str, float]:
        """Name of each part, in alphabetical order -> its weight; 1 if none is given.

        Raises:
          UserError: a weight names no part or is no number from 0 on, or all weights are 0.
        """
        return read_weights("dataset.weights", self.weights, sorted(self.parts), 1.0, "part")

    def datasets_by_key(self) -> dict[str, Dataset]:
        return {f"dataset.parts.{name}": part for name, part in self.parts.items()}

    def part_names(self) -> list[str]:
        return sorted(self.parts)

    def resolved_parts(self) -> dict[str, Any]:
        """Name of each part, in alphabetical order -> its dataset, with the options that hold for all parts."""
        shared = {"part": "validation", **{key: getattr(self, key) for key in _OF_ALL}}
        return {name: dataclasses.replace(self.parts[name], **shared) for name in sorted(self.parts)}

    def obtain(self, progress: Callable[[str], Progress] | None = None) -> None:
        for name, part in self.resolved_parts().items():
            try:
                with errors_of(name):
                    part.obtain(self.progress_of(name, progress))
            except UserError as error:
                # another dataset in the place of the mixture is no remedy for a part
                remedies = (text for text in error.remedies if not text.endswith("dataset=synthetic"))
                raise UserError(error.what, error.why, (*remedies, *self._without(name))) from None

    def _without(self, name: str) -> list[str]:
        """The remedy of leaving out a part; none if nothing is left to train on."""
        others = {other: weight for other, weight in self.weight_of_each().items() if other != name}
        if not any(others.values()):
            return []
        weights = ",".join(f"{other}:{weight:g}" for other, weight in others.items())
        overrides = [f"'~dataset.parts.{name}'", f"'dataset.weights=[{weights}]'", *self.overrides_without(name)]
        return [f"or leave this part out:  {' '.join(overrides)}"]

    def overrides_without(self, name: str) -> list[str]:
        """Further overrides that a mixture without a part of this name needs, for a shell."""
        return []

    @staticmethod
    def progress_of(name: str, progress: Callable[[str], Progress] | None) -> Callable[[str], Progress] | None:
        """Makes progress callbacks for the stages of a part."""
        return (lambda stage: progress(f"{name}: {stage}")) if progress else None

    def split_lines(self) -> list[tuple[str, str]]:
        from data.mixing import Mixing  # imports NumPy, which takes longer than the check of a config

        weights = self.weight_of_each()
        shares = Mixing.of(list(weights.values())).shares
        lines = []
        for (name, part), share in zip(self.resolved_parts().items(), shares, strict=True):
            lines.append((name, f"{part.name}, {share:.1%} of the training examples"))
            with errors_of(name):
                lines += [(name, f"{label}: {text}" if label else text) for label, text in part.split_lines()]
        return lines

    def left_out(self) -> str:
        lines = {name: part.left_out() for name, part in self.resolved_parts().items()}
        return "; ".join(f"{name}: {line}" for name, line in lines.items() if line)

    def with_download(self: M) -> M:
        return dataclasses.replace(self, parts={name: part.with_download() for name, part in self.parts.items()})

    def no_test_part(self) -> UserError:
        remedies = [
            remedy.replace("dataset.test", f"dataset.parts.{name}.test")
            for name, part in self.resolved_parts().items()
            for remedy in part.no_test_part().remedies
            if "dataset.test" in remedy
        ]
        return UserError("dataset.part", "no part of the mixture has a test part", (*remedies[:1],))
