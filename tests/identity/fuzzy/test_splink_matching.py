"""Records with spelling errors and a known truth: what exact matching finds, what Splink adds, and what it costs."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pytest

from profile_engine.errors import PlatformError
from profile_engine.identity.config import FuzzyConfig
from profile_engine.identity.fuzzy import splink_matching
from profile_engine.identity.fuzzy.splink_matching import PAIR, matched_pairs
from profile_engine.identity.joined_sets import JoinedSets
from profile_engine.identity.worlds.pair_scores import PairScores, pair_scores
from profile_engine.project import open_project
from tests.support.shared_data import shared

DATA = shared("data")
needs_data = pytest.mark.skipif(not DATA.exists(), reason="no shared data")
PEOPLE = FuzzyConfig.model_validate(
    {
        "at_least": "95 %",
        "compare": {"first_name": "name", "surname": "name", "dob": "date", "city": "exact", "email": "email"},
        "candidates": [["first_name", "surname"], ["surname", "dob"], ["first_name", "dob"], ["email"]],
        "records": {"crm": {"first_name": "first_name"}},
    }
)
FEBRL = FuzzyConfig.model_validate(
    {
        "at_least": "95 %",
        "compare": {"given_name": "name", "surname": "name", "date_of_birth": "date", "postcode": "digits",
                    "soc_sec_id": "digits", "address_1": "text"},
        "candidates": [["surname", "postcode"], ["given_name", "date_of_birth"], ["soc_sec_id"], ["surname", "date_of_birth"]],
        "records": {"crm": {"surname": "surname"}},
    }
)  # fmt: skip


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def table(rows: list[dict[str, str]], fields: Iterable[str]) -> pa.Table:
    """Records numbered in order, their text as `records.compared_records` would have it."""
    columns = {field: pa.array([row[field].strip().lower() or None for row in rows], pa.string()) for field in fields}
    return pa.table({"record": pa.array(range(len(rows)), pa.int64()), **columns})


def scores(size: int, pairs: Iterable[tuple[int, int]], truth: list[str]) -> PairScores:
    sets: JoinedSets[int] = JoinedSets()
    for one, other in pairs:
        sets.join(one, other)
    return pair_scores([(sets.of(number), truth[number]) for number in range(size)])


def exact(rows: list[dict[str, str]], field: str) -> list[tuple[int, int]]:
    """Records that share a value, as links to the first one."""
    first: dict[str, int] = {}
    return [
        (first.setdefault(value, number), number)
        for number, row in enumerate(rows)
        if (value := row[field].strip().lower())
    ]


def fuzzy(found: pa.Table) -> list[tuple[int, int]]:
    return list(zip(found["left_id"].to_pylist(), found["right_id"].to_pylist(), strict=True))


def test_without_splink_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(splink_matching, "find_spec", lambda name: None)
    with pytest.raises(PlatformError, match=r"pip install 'profile-engine\[fuzzy\]'"):
        matched_pairs(table([], PEOPLE.compare), PEOPLE)


def test_the_example_of_the_page_fits_the_shipped_project(tmp_path):
    root = Path(__file__).parents[3]
    page = (root / "docs/how_to/link_records_by_likeness.md").read_text(encoding="utf-8")
    (tmp_path / "stitching.yaml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert set(open_project(root, identity=tmp_path).stitching.fuzzy.records) == {"crm_customers", "loyalty_cards"}


@needs_data
def test_people_with_spelling_errors_fake_1000():
    pytest.importorskip("splink")
    rows = rows_of(DATA / "er_splink_fake/fake_1000.csv")
    truth = [row["cluster"] for row in rows]
    records = table(rows, PEOPLE.compare)
    # few records, whatever their order: the same pairs
    assert matched_pairs(records.slice(0, 1), PEOPLE).num_rows == 0
    found = matched_pairs(records, PEOPLE)
    assert found.schema == PAIR
    assert found.equals(matched_pairs(records.take(list(range(len(rows)))[::-1]), PEOPLE))
    assert min(found["probability"].to_pylist()) >= 0.95
    by_mail = scores(len(rows), exact(rows, "email"), truth)
    both = scores(len(rows), [*exact(rows, "email"), *fuzzy(found)], truth)
    # exact: every pair is right and two thirds are missed; likeness finds as many again
    assert (by_mail.precision, round(by_mail.recall, 3)) == (1, 0.336)
    assert both.precision >= 0.995
    assert both.recall >= 0.65


@needs_data
def test_people_with_spelling_errors_fake_20000():
    pytest.importorskip("splink")
    rows = rows_of(DATA / "er_splink_fake/fake_20000.csv")
    truth = [row["group"] for row in rows]
    by_mail = scores(len(rows), exact(rows, "email"), truth)
    found = matched_pairs(table(rows, PEOPLE.compare), PEOPLE)
    both = scores(len(rows), [*exact(rows, "email"), *fuzzy(found)], truth)
    assert (round(by_mail.precision, 3), round(by_mail.recall, 3)) == (0.999, 0.36)
    assert both.precision >= 0.98
    assert both.recall >= 0.63
    assert both.largest_cluster_rows < 20


@needs_data
def test_a_customer_file_against_a_loyalty_file_febrl_4():
    pytest.importorskip("splink")
    rows = [row for part in "ab" for row in rows_of(DATA / f"er_febrl124/dataset4{part}.csv")]
    for row in rows:
        day = row["date_of_birth"]
        row["date_of_birth"] = f"{day[:4]}-{day[4:6]}-{day[6:]}" if day else ""
    truth = [row["rec_id"].split("-")[1] for row in rows]
    by_number = scores(len(rows), exact(rows, "soc_sec_id"), truth)
    found = matched_pairs(table(rows, FEBRL.compare), FEBRL)
    both = scores(len(rows), [*exact(rows, "soc_sec_id"), *fuzzy(found)], truth)
    assert (by_number.precision, by_number.recall) == (1, 0.9122)
    assert both.precision >= 0.999
    assert both.recall >= 0.985
