"""Where the launcher is imported from: where it is installed, else from the checkout."""

import importlib.util
import sys
from pathlib import Path


def find_launcher(folder: Path) -> None:
    """Makes the launcher known: the one that is installed, else the one in a folder of the checkout.

    Raises:
      SystemExit: another package on the path hides it; says which.
    """
    try:
        import hydra_plugins.mpi_launcher  # noqa: F401 - whether it is there
    except ImportError:
        sys.path.append(str(folder))
    _refuse_hidden_launcher()


def _refuse_hidden_launcher() -> None:
    """Hydra's plugins are in a namespace package; a regular package of that name, wherever it is, hides all of them."""
    spec = importlib.util.find_spec("hydra_plugins")
    if spec is None or spec.origin is None:
        return
    file = Path(spec.origin)
    folder = file.parents[1] if file.stem == "__init__" else file.parent
    raise SystemExit(
        f"error: hydra_plugins: {file} hides the launcher, since Hydra's plugins lie in a folder without that "
        f"file; remove it, or take {folder} off the PYTHONPATH"
    )
