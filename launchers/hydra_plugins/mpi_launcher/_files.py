"""Reads small files of the kernel and the output of small programs; both are empty where there is none."""

import shutil
import subprocess
from pathlib import Path

TOOL_SECONDS = 10


def read(file: Path) -> str:
    """The stripped text of a file; empty if it cannot be read."""
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def tool_output(*command: str) -> str:
    """What a program prints; nothing if it is not there or fails."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
