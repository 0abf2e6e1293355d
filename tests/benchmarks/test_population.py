"""The generated population: the same seed gives the same files, and its truth is what its files say when read plainly."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow.parquet as pq
import pytest

from benchmarks.generated_project import generate_project
from benchmarks.population import AS_OF
from benchmarks.truth import Truth

SIZES: dict[str, Any] = {"people": 300, "events": 4_000, "seed": 7, "sweep": 3, "files": 2}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("population")
    return folder, generate_project(folder, **SIZES)


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_seed_gives_the_same_files(written: tuple[Path, Truth], tmp_path: Path) -> None:
    generate_project(tmp_path / "again", **SIZES)
    generate_project(tmp_path / "other", **{**SIZES, "seed": 8})
    first, again, other = hashes(written[0]), hashes(tmp_path / "again"), hashes(tmp_path / "other")
    assert first == again
    assert all(first[name] != other[name] for name in first if name.startswith("data/"))


def read_back(folder: Path) -> dict[str, list[dict[str, Any]]]:
    def rows(name: str, delimiter: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for path in sorted((folder / "data" / name).glob("*.csv")):
            with path.open(encoding="utf-8") as file:
                found.extend(csv.DictReader(file, delimiter=delimiter))
        return found

    clicks = [
        json.loads(line) for path in sorted((folder / "data/web").glob("*")) for line in path.open(encoding="utf-8")
    ]
    cards = [row for path in sorted((folder / "data/loyalty").glob("*")) for row in pq.read_table(path).to_pylist()]
    return {"crm": rows("crm", ","), "orders": rows("orders", ";"), "web": clicks, "cards": cards}


def test_the_truth_is_what_the_files_say(written: tuple[Path, Truth]) -> None:
    folder, truth = written
    files = read_back(folder)
    readable = [row for row in files["orders"] if row["amount"] != "n/a"]

    # who is who, by networkx over the identifiers of every row
    graph = nx.Graph()
    first_of: dict[int, tuple[str, str]] = {}
    for row in [*files["crm"], *files["cards"], *readable, *files["web"]]:
        carried = [(name, row[name].lower() if name == "email" else row[name])
                   for name in ("crm_id", "loyalty_id", "email", "phone", "ecid") if row.get(name)]  # fmt: skip
        first_of[id(row)] = carried[0]
        nx.add_path(graph, carried) if len(carried) > 1 else graph.add_node(carried[0])
    people = list(nx.connected_components(graph))
    place = {identifier: number for number, each in enumerate(people) for identifier in each}
    assert (truth.identifiers, truth.profiles) == (graph.number_of_nodes(), len(people))
    listed = pq.read_table(folder / "truth_identifiers.parquet").to_pylist()
    assert len({(place[row["namespace"], row["value"]], row["person"]) for row in listed}) == len(people)

    # counts
    assert truth.read == sum(map(len, files.values()))
    assert truth.rejected == len(files["orders"]) - len(readable)
    assert truth.revenue_cents == sum(Decimal(row["amount"]) for row in readable) * 100

    # a few segments, row by row
    spent: dict[int, Decimal] = defaultdict(Decimal)
    recent, ever, cart = set(), set(), set()
    for row in readable:
        who, at = place[first_of[id(row)]], moment(row["ordered_at"])
        ever.add(who)
        spent[who] += Decimal(row["amount"]) if at > AS_OF - timedelta(days=365) else 0
        recent |= {who} if at > AS_OF - timedelta(days=30) else set()
    for row in files["web"]:
        if row["type"] == "add_to_cart" and moment(row["ts"]) > AS_OF - timedelta(days=30):
            cart.add(place[first_of[id(row)]])
    known = {place["crm_id", row["crm_id"]]: row for row in files["crm"]}
    big = {who for who, amount in spent.items() if amount >= 300}
    assert truth.segments["big_spenders"] == len(big)
    assert truth.segments["recent_buyers"] == len(recent)
    assert truth.segments["cart_without_order"] == len(cart - recent)
    assert truth.segments["never_bought"] == len(set(known) - ever)
    assert truth.segments["german_or_french"] == sum(row["country"] in {"DE", "FR"} for row in files["crm"])
    reachable = {who for who, row in known.items() if row["ad_consent"] == "y" and row["email"]}
    assert truth.rows_delivered["ads_files/big_spenders"] == len(big & reachable)


def test_no_truth_is_empty(written: tuple[Path, Truth]) -> None:
    truth = written[1]
    assert min(truth.segments[name] for name in ("vip", "anonymous_viewers", "lapsed_buyers", "shoe_buyers")) > 0
    assert 0 < truth.named_by_their_card < truth.segments["known_by_card"]
    assert truth.rejected > 0


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
