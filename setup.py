"""Packaging of the profile engine: the library, its console script and its optional parts."""

from pathlib import Path

from setuptools import find_packages, setup

# Spark, Delta and GraphFrames are an extra: a cluster or Databricks brings its own, and ours must never replace them.
SPARK = ["pyspark==4.1.2", "delta-spark==4.4.0", "graphframes-py==0.9.3"]

# Fuzzy links: Splink with its DuckDB back end, which runs inside one Spark task.
FUZZY = ["splink>=5.0,<6"]

DEV = [
    *FUZZY,
    "pytest==9.0.2",
    "pytest-xdist>=3.8,<4",
    "filelock>=3.16,<5",
    "hypothesis>=6.140,<7",
    "networkx>=3.4,<4",
    "moto[server]>=5.2,<6",
    "ruff==0.14.8",
    "mypy==1.19.0",
    "import-linter>=2.5,<3",
    "types-PyYAML",
    "venv-pack==0.2.0",
    "wheel",
    "duckdb",
    "polars",
]

setup(
    name="profile-engine",
    version="0.1.0",
    description="An open customer-profile engine on Spark: from source data to delivered audiences, in your own lakehouse",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["profile_engine", "profile_engine.*"]),
    package_data={"profile_engine": ["py.typed"]},
    install_requires=[
        "pyyaml>=6.0",
        "pydantic>=2.10,<3",
        "boto3>=1.35",
        "numpy>=1.26",
        "scipy>=1.11",
        "pandas>=2.2",
        "pyarrow>=15",
        "phonenumbers>=8.13",
        "xxhash>=3.4",
        "rich>=13",
    ],
    extras_require={"spark": SPARK, "fuzzy": FUZZY, "dev": DEV},
    entry_points={"console_scripts": ["profile-engine = profile_engine.command_line.main:console"]},
)
