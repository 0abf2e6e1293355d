"""The rules of the house that no linter knows: small files, names of the domain, thin jobs, contracts between rooms."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "profile_engine"
SOURCES = sorted(
    [
        *PACKAGE.rglob("*.py"),
        *(ROOT / "jobs").glob("*.py"),
        *(ROOT / "sample_data").glob("*.py"),
        *(ROOT / "benchmarks").rglob("*.py"),
    ]
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
DRAWERS = re.compile(r"(^|/)(utils?|helpers?|common|misc|manager|service|core|base|handler)s?(\.py|/)")
# the Spark context does not exist under Spark Connect, so only these two files may touch it
MAY_TOUCH_THE_CONTEXT = {"lake/session.py", "lake/spark_jobs.py"}


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_has_more_than_300_lines():
    too_long = {
        shown(path): lines for path in [*SOURCES, *TESTS] if (lines := len(path.read_text().splitlines())) > 300
    }
    assert too_long == {}


def test_no_file_is_named_after_a_drawer():
    assert [shown(path) for path in [*SOURCES, *TESTS] if DRAWERS.search(shown(path))] == []


def test_jobs_are_thin():
    assert [job.name for job in (ROOT / "jobs").glob("*.py") if len(job.read_text().splitlines()) > 40] == []


def test_readme_fits_150_lines():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_every_module_says_what_it_is_in_its_first_sentence():
    told = [path for path in SOURCES if path.name != "__init__.py" or PACKAGE in path.parents]
    assert [shown(path) for path in told if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_only_two_files_touch_the_spark_context():
    touching = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\.sparkContext\b|\._jvm\b|\.rdd\b|\._jsc\b|\._jsparkSession\b", path.read_text())
    }
    assert touching <= MAY_TOUCH_THE_CONTEXT


def test_nothing_below_the_command_line_reads_the_clock():
    # a run's record and lease may: they tell when something really happened
    allowed = {"lake/lake.py", "lake/lease.py", "command_line/arguments.py", "observability/log.py"}
    clock = re.compile(r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|current_timestamp\(|time\.time\(|F\.now\(")
    reading = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if clock.search(path.read_text())}
    assert reading <= allowed


def test_import_contracts_hold():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("module", ["profile_engine.project", "profile_engine.command_line.main"])
def test_validation_needs_no_pyspark(module: str):
    code = f"import sys, {module}; sys.exit('pyspark' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
