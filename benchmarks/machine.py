"""The machine and the versions that a benchmark ran on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pyspark.sql import SparkSession

PACKAGES = ("pyspark", "delta-spark", "graphframes-py", "pyarrow", "numpy")


def machine(spark: SparkSession) -> str:
    """One line: processor, cores, memory, system, Spark's master and driver memory, Python and package versions."""
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    master, memory = spark.conf.get("spark.master", "?"), spark.conf.get("spark.driver.memory", "default")
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB, {platform.system()} {platform.release()}; "
        f"master {master}, driver memory {memory}; Python {platform.python_version()}, {packages}"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
