"""The tests of faults, and the table of their results.

Every test of a fault, most of them in tests/faults, has `@pytest.mark.fault(what goes wrong, what a user has
afterwards)`. Some of them run with the whole suite. `make faults` runs all of them, each process fault at many random
moments, and writes the table.
"""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

FAULT = "fault"

HEADINGS = {
    "Processes that die or hang": ("test_processes", "test_search", "test_mpi_process"),
    "Disks and folders": ("test_storage", "test_train"),
    "Files of users": ("test_users_files",),
    "Damaged data and models": ("test_bad_input", "test_fuzz", "test_fuzz_pictures", "test_initial_weights"),
    "Labels of other tools": (
        *("test_lost_labels", "test_label_conflicts", "test_odd_labels", "test_turned_pictures", "test_xml_labels"),
        *("test_yolo_names", "test_document_pages", "test_gedi_labels", "test_tool_exports", "test_unread_labels"),
        *("test_coco_boxes", "test_fuzz_labels", "test_fuzz_written"),
    ),
    "Splits that contradict themselves": (
        "test_given_split",
        "test_parts",
        "test_eval_parts",
        "test_fuzz_splits",
        "test_fuzz_names",
    ),
    "Untrusted files": ("test_untrusted_files",),
    "Archives": ("test_archives",),
    "Large datasets and long sweeps": ("test_load", "test_many_pages", "test_many_trials"),
    "Wrong options": ("test_validation", "test_command_line", "test_direction", "test_ranked_together"),
    "Unusual names, places and terminals": ("test_old_runs", "test_datasets", "test_streams"),
    "Trials that return no number": ("test_study_sweeper",),
}
"""Headings of the page in their order, and the test modules of each."""

OTHERS = "Other faults"
"""Heading of faults from any other module."""


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
            item.user_properties.append((FAULT, (heading_of(Path(item.location[0]).stem), *mark.args)))


def heading_of(module: str) -> str:
    """The heading for the faults of a test module."""
    return next((heading for heading, modules in HEADINGS.items() if module in modules), OTHERS)


class Table:
    """Collects the result of every fault and writes it as Markdown."""

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
            "The tests cause each of these faults. The tables show the result for the user. `make faults` causes all",
            "faults again and writes this page, which takes an hour and a half and needs root. Each fault of a process",
            f"strikes at {self._moments} random moments, which follow from seeds.",
        ]
        for heading in (*HEADINGS, OTHERS):
            rows = sorted((fault, outcomes) for fault, outcomes in self._outcomes.items() if fault[0] == heading)
            if rows:
                lines += ["", f"## {heading}", "", "| Fault | Afterwards | Passed |", "|---|---|---|"]
            for fault, outcomes in rows:
                total = sum(outcomes.values())
                skipped = self._reasons.get(fault)
                shown = f"skipped: {skipped}" if outcomes["skipped"] else f"{outcomes['passed']} of {total}"
                lines.append(f"| {fault[1]} | {fault[2]} | {shown} |")
        self._path.write_text("\n".join(lines) + "\n")
