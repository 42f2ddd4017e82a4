"""`hardware=cpu`, `cpu2`: the processor, in one process or several ranks."""

import dataclasses
from pathlib import Path

from engine.hardware.device import Hardware


@dataclasses.dataclass
class Cpu(Hardware):
    """The cores of this machine."""

    @property
    def compute_dtype(self) -> str:
        if self.dtype != "auto":
            return self.dtype
        return "bfloat16" if _processor_flags() & {"avx512_bf16", "amx_bf16"} else "float32"


def _processor_flags() -> set[str]:
    try:
        line = next(line for line in Path("/proc/cpuinfo").read_bytes().splitlines() if line.startswith(b"flags"))
    except (OSError, StopIteration):
        return set()
    return set(line.decode().partition(":")[2].split())
