"""Many pages: all of them are evaluated, in bounded memory."""

import numpy as np
import psutil
import pytest

from models.detector.metrics import PageMetrics

PAGES, LIMIT = 10_000, 300 * 2**20


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.fault(f"{PAGES:,} validation pages", "COCO's metrics of all of them, in under 300 MB")
def test_many_pages_are_evaluated_in_bounded_memory():
    before, metrics, rng = psutil.Process().memory_info().rss, PageMetrics(), np.random.default_rng(0)
    size = np.array([1000.0, 800.0], np.float32)
    for page in range(PAGES):
        corners = rng.uniform(0, 700, (100, 2)).astype(np.float32)
        found = np.concatenate([corners, corners + 60], axis=1)
        scores = np.sort(rng.random(100).astype(np.float32))[::-1]
        metrics.add(page, size, found[:2], np.array([1, 2]), found, rng.integers(1, 5, 100), scores)
    assert 0 < metrics.result()["AP50"] <= 1
    assert psutil.Process().memory_info().rss - before < LIMIT
