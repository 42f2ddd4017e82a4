"""The folder of a run: its lock and its log."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import UserError
from engine.runs.run_folder import is_held, RunFolder


@pytest.fixture
def root_handlers() -> Iterator[None]:
    """Gives the root logger its handlers back."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers.clear()
    yield
    logging.captureWarnings(False)
    for handler in root.handlers:
        with contextlib.suppress(OSError):  # what /dev/full did not take
            handler.close()
    root.handlers[:], root.level = before, level


def take(run: RunFolder) -> None:
    run.acquire()
    run.log_to_file("train")


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null"])
def test_lock_and_log_may_lead_to_a_device(tmp_path: Path, root_handlers: None, device: str):
    for name in (".lock", "train.log"):
        (tmp_path / name).symlink_to(device)
    run = RunFolder(tmp_path)
    take(run)
    logging.getLogger().info("nobody reads this")
    run.update(status="running")
    assert is_held(tmp_path)
    assert RunFolder(tmp_path).metadata == {"status": "running"}


@pytest.mark.parametrize("name", [".lock", "train.log"])
def test_lock_and_log_are_not_written_through_a_link_to_a_file(tmp_path: Path, root_handlers: None, name: str):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).symlink_to(tmp_path / "mine")
    run = RunFolder(tmp_path / "run")
    with pytest.raises(UserError, match="run_dir"):
        take(run)
    assert (tmp_path / "mine").read_text() == "mine"
