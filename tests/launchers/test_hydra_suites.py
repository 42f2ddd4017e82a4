"""Hydra's own test suites for launchers, whole, on both Open MPIs, with one rank a job and with two."""

import pytest
from hydra import version
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.test_utils.launcher_common_tests import BatchedSweeperTestSuite, IntegrationTestSuite, LauncherTestSuite
from mpi_programs import LAUNCHERS, MPIRUNS

pytestmark = pytest.mark.slow

EVERY_WAY = [pytest.mark.parametrize("mpirun", MPIRUNS), pytest.mark.parametrize("ranks", [1, 2])]


@pytest.fixture(autouse=True)
def hydras_oldest_defaults() -> None:
    """The suites expect jobs to change their folder, as Hydra 1.1 let them; other tests ask for the ways of 1.3."""
    version.setbase("1.1")


def every_way(suite: type) -> type:
    for mark in EVERY_WAY:
        suite = mark(suite)
    return suite


@every_way
@pytest.mark.parametrize("launcher_name", ["mpi"])
class TestLauncher(LauncherTestSuite):
    @pytest.fixture
    def overrides(self, mpirun: str, ranks: int) -> list[str]:
        return [f"hydra.launcher.mpirun={mpirun}", f"hydra.launcher.processes={ranks}"]


@every_way
@pytest.mark.parametrize("launcher_name", ["mpi"])
class TestBatchedSweeper(BatchedSweeperTestSuite):
    @pytest.fixture
    def overrides(self, mpirun: str, ranks: int) -> list[str]:
        words = [f"hydra.launcher.mpirun={mpirun}", f"hydra.launcher.processes={ranks}"]
        return [*words, "hydra/sweeper=basic", "hydra.sweeper.max_batch_size=2"]


@every_way
@pytest.mark.parametrize("task_launcher_cfg", [{}])
class TestIntegration(IntegrationTestSuite):
    @pytest.fixture
    def extra_flags(self, mpirun: str, ranks: int) -> list[str]:
        words = [f"hydra.launcher.mpirun={mpirun}", f"hydra.launcher.processes={ranks}"]
        return ["-m", "hydra/launcher=mpi", *words]


def test_hydra_finds_the_launcher_in_a_namespace_package():
    from hydra_plugins.mpi_launcher.launcher import MpiLauncher

    assert MpiLauncher in Plugins.instance().discover(Launcher)
    assert not (LAUNCHERS / "hydra_plugins" / "__init__.py").exists()
