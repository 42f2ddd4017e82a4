"""mode=doctor: prints the check of the hardware as a table."""

import sys

from hydra.core.hydra_config import HydraConfig

from engine.config import Config
from engine.console import Console
from engine.hardware.survey import examine


def doctor(config: Config, overrides: list[str]) -> None:
    """Prints what training on `hardware=` needs and what this machine has; exits with 1 if training cannot start."""
    findings = examine(config.hardware, HydraConfig.get().launcher)
    rows = []
    for finding in findings:
        assessment = "; ".join((finding.fault, *finding.remedies)) if finding.fault else finding.note or "ok"
        rows.append((finding.part, finding.found, " ".join(assessment.split()), bool(finding.fault)))
    Console().table(rows)
    if any(finding.fault for finding in findings):
        sys.exit(1)
