"""Hydra's own test suites for launchers, whole: one rank a job on one Open MPI, two ranks a job on the other."""

import shutil

import pytest
from hydra import version
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.test_utils.launcher_common_tests import BatchedSweeperTestSuite, IntegrationTestSuite, LauncherTestSuite
from mpi_programs import DEBIAN, LAUNCHERS, WHEEL

pytestmark = pytest.mark.slow

BOTH_WAYS = pytest.mark.parametrize(
    ("mpirun", "ranks"),
    [
        pytest.param(mpirun, ranks, marks=pytest.mark.skipif(not shutil.which(mpirun), reason=f"no {mpirun} here"))
        for mpirun, ranks in ((DEBIAN, 1), (WHEEL, 2))
    ],
    ids=["debian-1", "wheel-2"],
)


@pytest.fixture(autouse=True)
def hydras_oldest_defaults() -> None:
    """The suites expect jobs to change their folder, as Hydra 1.1 let them; other tests ask for the ways of 1.3."""
    version.setbase("1.1")


@BOTH_WAYS
@pytest.mark.parametrize("launcher_name", ["mpi"])
class TestLauncher(LauncherTestSuite):
    @pytest.fixture
    def overrides(self, mpirun: str, ranks: int) -> list[str]:
        return [f"hydra.launcher.mpirun={mpirun}", f"hydra.launcher.processes={ranks}"]


@BOTH_WAYS
@pytest.mark.parametrize("launcher_name", ["mpi"])
class TestBatchedSweeper(BatchedSweeperTestSuite):
    @pytest.fixture
    def overrides(self, mpirun: str, ranks: int) -> list[str]:
        overrides = [f"hydra.launcher.mpirun={mpirun}", f"hydra.launcher.processes={ranks}"]
        return [*overrides, "hydra/sweeper=basic", "hydra.sweeper.max_batch_size=2"]


@BOTH_WAYS
@pytest.mark.parametrize("task_launcher_cfg", [{}])
class TestIntegration(IntegrationTestSuite):
    @pytest.fixture
    def extra_flags(self, mpirun: str, ranks: int) -> list[str]:
        overrides = [f"hydra.launcher.mpirun={mpirun}", f"hydra.launcher.processes={ranks}"]
        return ["-m", "hydra/launcher=mpi", *overrides]


def test_hydra_finds_the_launcher_in_a_namespace_package():
    from hydra_plugins.mpi_launcher.launcher import MpiLauncher

    assert MpiLauncher in Plugins.instance().discover(Launcher)
    assert not (LAUNCHERS / "hydra_plugins" / "__init__.py").exists()
