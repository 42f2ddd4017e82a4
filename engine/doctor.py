"""mode=doctor: the whole check of the hardware as a table."""

from omegaconf import DictConfig

from engine.console import Console
from engine.hardware_check import examine


def doctor(config: DictConfig, launcher: DictConfig) -> bool:
    """Prints what training on `hardware=` needs and what is there.

    Args:
      config: composed and validated.
      launcher: `hydra.launcher`.

    Returns:
      Whether training can start.
    """
    findings = examine(config, launcher)
    rows = []
    for finding in findings:
        verdict = "; ".join((finding.fault, *finding.remedies)) if finding.fault else finding.note or "ok"
        rows.append((finding.part, finding.found, " ".join(verdict.split()), bool(finding.fault)))
    Console().table(rows)
    return not any(finding.fault for finding in findings)
