"""Links by likeness on a lake: never mixed with exact ones, under the same rules and gates, and shown with their probability."""

from __future__ import annotations

import random

import pytest

from profile_engine.command_line.identity_lines import link_lines
from profile_engine.errors import GateRefused
from profile_engine.project import open_project
from profile_engine.workspace.explain_identity import explain_link
from tests.identity.small_project import FILES, day, people, resolved
from tests.support.lakes import lake_at

FIRST = [
    "anna",
    "bert",
    "clara",
    "dirk",
    "emma",
    "frank",
    "greta",
    "henry",
    "ida",
    "jonas",
    "karla",
    "louis",
    "mara",
    "nils",
    "olga",
    "peter",
]
LAST = [
    "ackermann",
    "bergström",
    "castello",
    "dijkhuizen",
    "eriksson",
    "fontana",
    "grünwald",
    "hofstede",
    "ivanova",
    "jacobsen",
    "kowalski",
    "lindqvist",
]
SCHEMA = """
class: record
fields:
  crm: {type: string, required: true, identity: {namespace: crm, primary: true}}
  email: {type: string, identity: {namespace: email}}
  name: {type: object, fields: {first: {type: string}, last: {type: string}}}
  born: {type: date}
profile: enabled
"""
FUZZY = """
fuzzy:
  at_least: 95 %
  compare: {first: name, last: name, born: date}
  candidates: [[last, born], [first, born], [first, last]]
  records: {customers: {first: name.first, last: name.last, born: born}}
gate: {people_with_two_crm_ids: {at_most: MOST}}
"""
RAW = (
    "crm string, email string, name struct<first:string,last:string>, born date, record_id string, owner_id bigint, "
    "source_time timestamp, ingested_at timestamp, batch_id string"
)


def project_with(root, *, unique: bool, most: int):
    files = FILES | {
        "conf/schemas/customer.yaml": SCHEMA,
        "conf/identity/namespaces.yaml": "priority:\n  - {crm: {kind: person, unique: "
        f"{str(unique).lower()}}}}}\n  - {{email: {{kind: email}}}}\n  - {{ecid: {{kind: cookie}}}}",
        "conf/identity/stitching.yaml": FUZZY.replace("MOST", str(most)),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("SUPERSEDED", "superseded_links: keep"), encoding="utf-8")
    return open_project(root)


def customers_of(spark, lake):
    """Sixty people, each with two customer numbers: the second record misspells one name."""
    from profile_engine.schemas.identifiers import identifier_id

    draw, rows = random.Random(5), []
    for number in range(60):
        first, last = draw.choice(FIRST), draw.choice(LAST)
        born = f"{draw.randrange(1940, 2005)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}"
        typo = last[:2] + last[3] + last[2] + last[4:]
        for crm, name in ((f"A{number}", (first, last)), (f"B{number}", (first.upper(), f" {typo} "))):
            # the first two people also share an address, which is exact evidence
            email = f"shared{number}@x" if number < 2 else None
            owner = identifier_id(lake.identifier_key(), "crm", crm)
            rows.append((crm, email, name, born, f"customer-{crm}", owner, day(0), day(0), "b1"))
    frame = spark.createDataFrame(rows, RAW.replace("born date", "born string"))
    return frame.withColumn("born", frame["born"].cast("date"))


def test_records_alike_become_links_of_their_own_kind(spark, tmp_path):
    pytest.importorskip("splink")
    lake = lake_at(spark, tmp_path)
    landed = {"raw_customers": customers_of(spark, lake)}

    # a unique namespace holds for links by likeness as for any other: nobody is joined
    strict = project_with(tmp_path / "strict", unique=True, most=0)
    resolved(lake, strict, 1, landed)
    links = lake.read("link").filter("array_contains(datasets, 'fuzzy')").collect()
    assert len(links) >= 50
    assert {(link.state, link.reason) for link in links} == {("dropped", "contradicting_event")}

    # and so does the gate, before anybody sees the graph
    with pytest.raises(GateRefused, match="people_with_two_crm_ids"):
        resolved(lake, project_with(tmp_path / "gated", unique=False, most=5), 2, {})

    project = project_with(tmp_path / "open", unique=False, most=60)
    resolved(lake, project, 2, {})
    found = [{value for value in group if "@" not in value} for group in people(lake)]
    joined = [group for group in found if len(group) > 1]
    assert len(joined) >= 50
    assert all({value[1:] for value in group} == {min(value[1:] for value in group)} for group in joined), "precision 1"
    rows = lake.read("link").collect()
    probability = {tuple(row.datasets): set() for row in rows}
    for row in rows:
        probability[tuple(row.datasets)].add(row.probability)
    assert probability.pop(("customers",)) == {None}, "a record shows both: no probability"
    assert list(probability) == [("fuzzy",)]
    assert all(0.95 <= one <= 1 for one in probability["fuzzy",])

    # explained as what it is
    one = next(sorted(group) for group in joined if not {"A0", "A1"} & group)
    told, _ = explain_link(project, lake, ("crm", one[0]), ("crm", one[1]))
    assert [hop.link.datasets for hop in told.hops] == [("fuzzy",)]
    assert any("Splink holds for one person with probability" in line for line in link_lines(told))
