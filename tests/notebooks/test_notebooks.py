"""The notebooks run as plain Python and with Databricks' widgets, and show something."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from tests.support.sample_shop_run import ROOT, shop_run

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


class Widgets:
    """Databricks' widgets: a default until somebody chooses."""

    def __init__(self, chosen: dict[str, str]) -> None:
        self.widgets, self._values = self, dict(chosen)

    def text(self, name: str, default: str, label: str = "") -> None:
        self._values.setdefault(name, default)

    def get(self, name: str) -> str:
        return self._values[name]


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped project with a lake that was run once."""
    return shop_run(spark, tmp_path_factory).project


def run_notebook(number: int, project: Path, **chosen: str) -> list[DataFrame]:
    """Runs one notebook as Databricks does, and returns what it displayed."""
    shown: list[DataFrame] = []
    given = {"dbutils": Widgets({"project": str(project), **chosen}), "display": shown.append}
    runpy.run_path(str(NOTEBOOKS[number - 1]), init_globals=given)
    return shown


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_source_format_is_that_of_databricks(notebook: Path):
    text = notebook.read_text()
    cells = text.split("\n# COMMAND ----------\n")
    assert text.startswith("# Databricks notebook source\n")
    assert len(cells) >= 5
    for cell in cells:
        lines = [line for line in cell.strip().splitlines() if line]
        magic = [line.startswith("# MAGIC") for line in lines if line != "# Databricks notebook source"]
        assert all(magic) or not any(magic), "a cell is text or code"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_thin(notebook: Path):
    imported = [
        line for line in notebook.read_text().splitlines() if "import" in line.split() and "profile_engine" in line
    ]
    assert imported == ["from profile_engine.workspace import open_workspace"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_as_plain_python(
    notebook: Path, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("WIDGET_PROJECT", str(shop))
    runpy.run_path(str(notebook))
    assert len(capsys.readouterr().out) > 200


def test_one_customer_is_followed_from_rows_to_segments(shop: Path):
    identifiers, *raw, attributes, segments = run_notebook(1, shop, namespace="crm_id", value="C10010")

    assert ("crm_id", "C10010") in [(row.namespace, row.value) for row in identifiers.collect()]
    assert len(raw) == 4
    assert raw[0].count() == 1
    assert {"first_name", "address.city"} <= {row.attribute for row in attributes.collect()}
    assert {row.status for row in segments.collect()} <= {"realized", None}


def test_two_customers_are_joined_by_the_telephone_that_both_had(shop: Path):
    chain, evidence, _ = run_notebook(2, shop)

    assert [(row.identifier, row.linked_with) for row in chain.collect()] == [
        ("crm_id:C10020", "phone:+447700900020"),
        ("phone:+447700900020", "crm_id:C10021"),
    ]
    assert {(row.step, row.dataset) for row in evidence.collect()} == {(1, "crm_customers"), (2, "crm_customers")}


def test_colleagues_on_one_switchboard_are_not_joined(shop: Path):
    chain, _, dropped = run_notebook(2, shop, one="crm_id:C10030", other="crm_id:C10031")

    assert chain.count() == 0
    assert {row.reason for row in dropped.collect()} == {"persons_per_value"}


def test_what_was_delivered_names_every_audience_and_reason(shop: Path):
    deliveries, withheld, files, now = run_notebook(4, shop)

    assert deliveries.count() == 8
    assert {row.reason for row in withheld.collect()} == {"no_consent", "unknown_consent", "no_identity"}
    assert {row.outcome for row in files.collect()} == {"accepted"}
    assert {row.audience for row in now.collect()} == {"lapsed_buyers", "big_spenders", "VIP_2026"}
