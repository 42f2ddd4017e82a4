"""The time for which randomly damaged files are tried."""

import pytest

QUICK_SECONDS, THOROUGH_SECONDS = 3, 300


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    return THOROUGH_SECONDS if request.config.getoption("--moments") else QUICK_SECONDS
