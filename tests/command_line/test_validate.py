"""`validate` shows every problem, or every value with its file; it needs no JVM and no second."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from profile_engine.command_line.validate import validate
from tests.project.small_project import SMALL, change, small_project

SHIPPED = Path(__file__).parents[2]
CHILD = """
import io, json, resource, sys
from pathlib import Path
from profile_engine.command_line.validate import validate
out = io.StringIO()
code = validate(Path(sys.argv[1]), None, False, out)
spent = resource.getrusage(resource.RUSAGE_SELF)
heavy = sorted({name.partition(".")[0] for name in sys.modules} & {"pyspark", "py4j", "delta", "graphframes", "pandas", "pyarrow", "boto3"})
print(json.dumps({"code": code, "cpu": spent.ru_utime + spent.ru_stime, "heavy": heavy, "out": out.getvalue()}))
"""


def in_a_process_of_its_own(root: Path) -> dict[str, object]:
    """What a fresh interpreter needs for one validation, start included; CPU seconds, as the machine may be busy."""
    ended = subprocess.run([sys.executable, "-c", CHILD, str(root)], capture_output=True, text=True, check=True)
    result: dict[str, object] = json.loads(ended.stdout)
    return result


def validated(root: Path, environment: str | None = None, effective: bool = False) -> tuple[int, str]:
    out = io.StringIO()
    return validate(root, environment, effective, out), out.getvalue()


def test_a_valid_project_is_told_in_one_line() -> None:
    code, out = validated(SMALL, "prod")
    assert code == 0
    assert out == (
        f"the project at {SMALL} with environment prod is valid: 2 schemas, 2 datasets, 6 namespaces, 1 merge policy, "
        "3 computed attributes, 2 segments, 1 destination\n"
    )


def test_problems_are_shown_with_line_caret_and_hint_and_exit_code_2(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    change(root, "conf/schemas/customer.yaml", "[contact]", "[contct]")
    change(root, "conf/engine.yaml", "time_zone", "timezone")
    code, out = validated(root)
    assert code == 2
    assert out == (
        "conf/engine.yaml:2:1: error[E111]: unknown key 'timezone'\n"
        "    2 | timezone: Europe/Amsterdam\n"
        "      | ^^^^^^^^ did you mean 'time_zone'?\n"
        "conf/schemas/customer.yaml:2:12: error[E210]: unknown field group 'contct'\n"
        "    2 | includes: [contct]\n"
        "      |            ^^^^^^ did you mean 'contact'?\n"
        "2 problems found\n"
    )


def test_effective_values_name_their_file_and_hide_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_KEY", "hunter2")
    root = small_project(tmp_path)
    change(root, "conf/engine.yaml", "{path: lake}", "{path: lake, identifier_key: '${LAKE_KEY}'}")
    code, out = validated(root, "prod", effective=True)
    assert code == 0
    lines = out.splitlines()
    for line in (
        "engine.lake.path: s3a://bucket/lake  # conf/environments/prod.yaml:1",
        "engine.lake.identifier_key: ***  # conf/engine.yaml:1",
        "engine.lake.keep_releases: 30 days  # default",
        "destinations.ads.export.mode: full_then_changes  # conf/environments/prod.yaml:2",
        "destinations.ads.to.folder.path: exports  # conf/destinations/ads.yaml:1",
        "destinations.ads.audiences[1].as: BUYERS  # conf/destinations/ads.yaml:5",
        "datasets.crm.sources.daily.format.csv.delimiter: ;  # conf/datasets/crm.yaml:7",
        "datasets.crm.sources.daily.format.csv.header: true  # default",
        "identity.namespaces.email.persons_per_value.at_most: 4  # conf/identity/namespaces.yaml:3",
        "profiles.merge_policies.default.exceptions.email.dataset_order: [crm]  # conf/profiles/merge_policies.yaml:4",
        "segments.rich.members.all[0].points.at_least: 1000  # segments/value/rich.yaml:4",
    ):
        assert line in lines, line
    assert "hunter2" not in out


def test_effective_values_are_shown_even_where_something_is_wrong(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    change(root, "conf/destinations/ads.yaml", "[rich, ", "[richer, ")
    code, out = validated(root, effective=True)
    assert code == 2
    assert "engine.lake.path: lake" in out
    assert "E265" in out


def test_the_shipped_project_takes_less_than_a_second_and_no_jvm() -> None:
    result = in_a_process_of_its_own(SHIPPED)
    assert result["code"] == 0, result["out"]
    assert result["heavy"] == []
    assert float(str(result["cpu"])) < 1.0


def test_two_hundred_files_take_less_than_two_seconds(tmp_path: Path) -> None:
    root = small_project(tmp_path)
    rule = (root / "segments/value/rich.yaml").read_text()
    for number in range(185):
        comment = "".join(f"# line {line} of what a person has to say about it\n" for line in range(25))
        folder = root / f"segments/theme_{number % 7}"
        folder.mkdir(exist_ok=True)
        (folder / f"rich_{number}.yaml").write_text(comment + rule.replace("1000", str(number)))
    result = in_a_process_of_its_own(root)
    assert result["code"] == 0, result["out"]
    assert float(str(result["cpu"])) < 2.0
