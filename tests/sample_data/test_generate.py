"""The generator of the sample shop: the same seed gives the shop that is in the repository."""

import gzip
import json
from collections import Counter
from pathlib import Path

import networkx as nx
import pyarrow.parquet as pq
import pytest

from sample_data import people as cast
from sample_data.facts import Bad
from sample_data.generate import generate
from sample_data.truth import PERSONS_PER_VALUE, current_facts, identifiers_of, over_limit, profiles_of
from tests.sample_data.shop import FOLDER, files_and_people, shop_truth


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    generate(folder)
    return folder


def test_the_same_seed_gives_the_same_bytes(again: Path):
    made = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    shipped = sorted(
        p.relative_to(FOLDER) for p in FOLDER.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc", ".md")
    )
    assert made == shipped
    for path in made:
        if path.suffix == ".parquet":  # its bytes name the version of pyarrow that wrote it
            assert pq.read_table(again / path).equals(pq.read_table(FOLDER / path), check_metadata=True)
        elif path.suffix == ".gz":  # compressed bytes depend on the version of zlib
            assert gzip.decompress((again / path).read_bytes()) == gzip.decompress((FOLDER / path).read_bytes())
        else:
            assert (again / path).read_bytes() == (FOLDER / path).read_bytes(), path


def test_another_seed_gives_another_shop(tmp_path: Path):
    generate(tmp_path, seed=7)
    assert (tmp_path / "crm/customers_2026-09.csv").read_bytes() != (FOLDER / "crm/customers_2026-09.csv").read_bytes()


def test_the_copied_file_has_the_bytes_of_the_other():
    copies = {path: file["copy_of"] for path, file in shop_truth()["files"].items() if file["copy_of"]}
    assert copies
    assert all((FOLDER / path).read_bytes() == (FOLDER / original).read_bytes() for path, original in copies.items())


def test_rows_add_up_and_bad_ones_stay_under_the_error_threshold():
    for path, file in shop_truth()["files"].items():
        assert file["read"] == file["accepted"] + file["rejected"], path
    batches = Counter(), Counter()
    for file in shop_truth()["files"].values():
        batches[0][file["dataset"], file["source"]] += file["rejected"]
        batches[1][file["dataset"], file["source"]] += file["read"]
    assert all(rejected / batches[1][batch] < 0.05 for batch, rejected in batches[0].items())


def test_profiles_are_the_components_that_networkx_finds():
    files, _ = files_and_people()
    facts = current_facts(files)
    records = [identifiers_of(fact) for fact in facts]
    alone = {value for namespace, limit in PERSONS_PER_VALUE.items() for value in over_limit(records, namespace, limit)}
    graph = nx.Graph()
    for record in records:
        graph.add_nodes_from(record)
        linking = [identifier for identifier in record if identifier not in alone]
        graph.add_edges_from((linking[0], other) for other in linking[1:])
    assert {profile.identifiers for profile in profiles_of(facts)} == set(
        map(frozenset, nx.connected_components(graph))
    )


def test_the_awkward_cases_come_out_as_their_story_says():
    files, people = files_and_people()
    profiles = profiles_of(current_facts(files))
    of = {identifier: profile for profile in profiles for identifier in profile.identifiers}

    def profile(number: int):
        return id(of["crm_id", people[number].crm_id])

    assert len({profile(number) for number in cast.SHARED_LAPTOP}) == 1
    assert len({profile(number) for number in cast.REUSED_PHONE}) == 1
    for strangers in (cast.SHOP_TABLET, cast.SWITCHBOARD, cast.OFFICE_ADDRESS, cast.PLACEHOLDER):
        assert len({profile(number) for number in strangers}) == len(strangers)
    for number in cast.TYPO:
        assert id(of["loyalty_id", people[number].card]) != profile(number)
    late = of["crm_id", people[cast.LATE_VERSION].crm_id]
    assert [customer.status for customer in late.customers] == ["active"]
    assert not any(value == "test@test.com" for _, value in of)


def test_every_kind_of_segment_and_delivery_has_somebody_and_somebody_not():
    truth = shop_truth()
    assert all(0 < members < truth["profiles"] for members in truth["segments"].values())
    counts = [counts for audiences in truth["destinations"].values() for counts in audiences.values()]
    assert all(count["rows"] >= count["members"] > 0 for count in counts)
    for reason in ("no_consent", "unknown_consent", "no_identity"):
        assert sum(count[reason] for count in counts) > 0


def test_every_bad_row_says_why():
    files, _ = files_and_people()
    bad = [row for file in files for row in file.rows if isinstance(row, Bad)]
    assert len(bad) > 10
    assert all(row.reasons for row in bad)


def test_the_truth_in_the_repository_is_that_of_the_generator(again: Path):
    assert json.loads((again / "truth.json").read_text()) == shop_truth()
