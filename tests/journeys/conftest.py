"""What several journeys look at."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from tests.support.sample_shop_run import ShopRun, shop_run


@pytest.fixture(scope="session")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> ShopRun:
    """The shipped project, run once; nobody may change its tables."""
    return shop_run(spark, tmp_path_factory)
