"""Who is sent as whom, and what changes: Spark against plain Python, many cases in one frame."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from profile_engine.destinations.audience_rows import audience_rows, candidates, withheld_counts
from profile_engine.destinations.changes import changes
from profile_engine.destinations.mapping import DestinationMapping, MappedAudience
from profile_engine.destinations.members import members
from profile_engine.destinations.parts import in_parts
from tests.destinations.shop import ADVERTISING, MEMBERSHIP, PROFILE, Person, sha

AUDIENCES = [MappedAudience(n, f"a{n}", f"s{n}", n % 3, "strict" if n % 3 == 2 else "default", "h") for n in range(5)]
MAPPING = DestinationMapping("email", "sha256_hex", (("first_name", "first_name"),), ADVERTISING)

emails = st.sampled_from(["ann@x.org", "bob@x.org", "cy@x.org", "", "  ", "a" * 64, "F0" * 32])
persons = st.builds(
    lambda emails, segments, consent, name: Person("?", tuple(emails), segments, consent, {"first_name": name}),
    st.lists(emails, max_size=3),
    st.dictionaries(st.integers(0, 4), st.integers(1, 3), max_size=4),
    st.sampled_from(["y", "n", "p", None]),
    st.sampled_from(["Ann", "Bob", None]),
)


def as_sent(email: str) -> str:
    return email.lower() if len(email) == 64 else sha(email)


def expected(people: list[Person]) -> tuple[dict[tuple[int, str], str | None], Counter[tuple[int, str]]]:
    """(name by audience and identity as sent; members withheld by audience and reason)."""
    best: dict[tuple[int, str], tuple[int, str, str | None]] = {}
    withheld: Counter[tuple[int, str]] = Counter()
    for person in people:
        for audience in AUDIENCES:
            if audience.segment_no not in person.segments:
                continue
            known = [email for email in person.emails if email.strip()]
            reason = (
                "no_profile" if audience.merge_policy != "default"
                else "no_consent" if person.consent == "n"
                else "unknown_consent" if person.consent != "y"
                else None if known else "no_identity"
            )  # fmt: skip
            if reason is not None:
                withheld[audience.number, reason] += 1
                continue
            candidate = (-person.segments[audience.segment_no], person.id, person.attributes["first_name"])
            for email in known:
                place = (audience.number, as_sent(email))
                best[place] = min(best.get(place, candidate), candidate, key=lambda c: c[:2])
    return {place: name for place, (_, _, name) in best.items()}, withheld


@settings(max_examples=2, deadline=None)
@given(st.lists(persons, min_size=30, max_size=60), st.integers(1, 5))
def test_rows_and_withheld_are_those_of_plain_python(spark: SparkSession, drawn: list[Person], partitions: int):
    people = [Person(f"p{n:02}", p.emails, p.segments, p.consent, p.attributes) for n, p in enumerate(drawn)]
    memberships = [row for row in (person.membership() for person in people) if row]
    profiles = spark.createDataFrame([person.profile() for person in reversed(people)], PROFILE).repartition(partitions)
    policies = {audience.segment_no: audience.merge_policy for audience in AUDIENCES}
    attributes = {"first_name", "consents"}
    of_people = candidates(
        members(profiles, spark.createDataFrame(memberships, MEMBERSHIP), policies, attributes), AUDIENCES, MAPPING
    )

    rows = {(row.audience_no, row.identity): row.attributes.first_name for row in audience_rows(of_people).collect()}
    withheld = {(row.audience_no, row.reason): row.rows for row in withheld_counts(of_people).collect()}

    assert (rows, withheld) == expected(people)
    assert sha("") not in {identity for _, identity in rows}  # an empty value is never hashed


histories = st.lists(st.lists(st.sets(st.sampled_from("abcdef")), min_size=4, max_size=4), min_size=20, max_size=40)


@settings(max_examples=2, deadline=None)
@given(histories, st.integers(1, 3))
def test_a_destination_that_follows_ends_each_day_with_the_desired_set(
    spark: SparkSession, drawn: list[list[set[str]]], rows_per_part: int
):
    """Each history is four days of one audience: whole on the first, changes after. All days stand in one frame."""
    days = {10 * history + day: wanted for history, four in enumerate(drawn) for day, wanted in enumerate(four)}
    schema = "audience_no int, identity string, attributes struct<seen:int>"
    now = [(number, identity, (number % 10,)) for number, wanted in days.items() for identity in wanted]
    before = [(number, identity, (number % 10 - 1,)) for number in days if number % 10 for identity in days[number - 1]]
    whole = [number for number in days if number % 10 == 0]

    changed = changes(spark.createDataFrame(now, schema), spark.createDataFrame(before, schema), whole)
    sent = in_parts(changed, rows_per_part).where("part_no is not null").collect()

    for history in range(len(drawn)):
        there: set[str] = set()
        for day in range(4):
            number = 10 * history + day
            rows = [row for row in sent if row.audience_no == number]
            assert len(rows) == len(days[number] ^ there)  # nothing but what entered or left, each once
            for row in rows:
                # who entered was away, who left was there, and leaves with what was sent of it before
                assert (row.identity in there) is (row.status == "exited")
                assert row.attributes.seen == (day - 1 if row.status == "exited" else day)
                there ^= {row.identity}
            assert there == days[number]
            in_order = [row.identity for row in sorted(rows, key=lambda row: (row.part_no, row.identity))]
            assert in_order == sorted(in_order)
            sizes = Counter(row.part_no for row in rows)
            assert all(sizes[part] == rows_per_part for part in sizes if part != max(sizes))


def test_a_whole_audience_counts_who_left_but_sends_only_who_is_there(spark: SparkSession):
    schema = "audience_no int, identity string, attributes struct<seen:int>"
    now = spark.createDataFrame([(1, "stays", (2,)), (1, "enters", (2,))], schema)
    before = spark.createDataFrame([(1, "stays", (1,)), (1, "leaves", (1,))], schema)

    rows = changes(now, before, [1]).collect()

    assert {(row.identity, row.status, row.sent, row.attributes.seen) for row in rows} == {
        ("stays", "existing", True, 2), ("enters", "realized", True, 2), ("leaves", "exited", False, 1),
    }  # fmt: skip
