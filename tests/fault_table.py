"""Faults tried for real: how often, and the table of what came of it.

Every test of a fault, most of them in tests/faults, carries `@pytest.mark.fault(what goes wrong, what a user has
afterwards)`. A few of them run with the whole suite; all of them, each process fault at many random moments, run by
`make faults`, which writes the table.
"""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

FAULT = "fault"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--moments", type=int, default=0, help="random moments of each process fault; 0: the quick part")
    parser.addoption("--reliability", type=Path, help="file to write the table of faults to")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(what, afterwards): a fault, and what a user has after it")
    config.addinivalue_line("markers", "thorough: only with --moments")
    if config.getoption("--reliability", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table(config.getoption("--reliability"), config.getoption("--moments")))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--moments"):
        thorough = [item for item in items if item.get_closest_marker("thorough")]
        if thorough:
            config.hook.pytest_deselected(items=thorough)
            items[:] = [item for item in items if item not in thorough]
    for item in items:
        if mark := item.get_closest_marker(FAULT):
            item.user_properties.append((FAULT, (Path(item.location[0]).stem, *mark.args)))


class Table:
    """Collects what became of every fault and writes it as Markdown."""

    def __init__(self, path: Path, moments: int) -> None:
        self._path, self._moments = path, moments
        self._outcomes: dict[tuple[str, str, str], Counter] = defaultdict(Counter)
        self._reasons: dict[tuple[str, str, str], str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        for name, value in report.user_properties:
            if name == FAULT:
                self._outcomes[tuple(value)][report.outcome] += 1
                if report.outcome == "skipped":
                    self._reasons[tuple(value)] = str(report.longrepr[-1]).removeprefix("Skipped: ")

    def pytest_sessionfinish(self) -> None:
        lines = [
            "# Reliability",
            "",
            "What was done to the program, for real, and what a user has afterwards. `make faults` repeats all of it",
            f"and writes this page; process faults struck at {self._moments} random moments each, from seeds.",
        ]
        kind = None
        for (module, what, afterwards), outcomes in sorted(self._outcomes.items()):
            if module != kind:
                kind = module
                title = module.removeprefix("test_").replace("_", " ").capitalize()
                lines += ["", f"## {title}", "", "| fault | afterwards | passed |", "|---|---|---|"]
            total = sum(outcomes.values())
            skipped = self._reasons.get((module, what, afterwards))
            shown = f"skipped: {skipped}" if outcomes["skipped"] else f"{outcomes['passed']} of {total}"
            lines.append(f"| {what} | {afterwards} | {shown} |")
        self._path.write_text("\n".join(lines) + "\n")
