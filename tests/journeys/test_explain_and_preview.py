"""What `explain person` and `preview` say is what the tables hold."""

from __future__ import annotations

import argparse
import io
import json

import pytest
from pyspark.sql import functions as F

from profile_engine.command_line import explain, preview
from profile_engine.errors import ConfigurationError
from tests.support.sample_shop_run import ShopRun

pytestmark = pytest.mark.journey


def explained(shop: ShopRun, *words: str, given: str = "") -> str:
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    out = io.StringIO()
    kind = [] if words[:1] in (("link",), ("profile",), ("dropped",), ("hubs",), ("members",)) else ["person"]
    explain.explain(parser.parse_args([*kind, *words, "--project", str(shop.project)]), io.StringIO(given), out)
    return out.getvalue()


def test_the_verdict_of_every_rule_is_the_tables_and_the_values_are_the_profiles(shop: ShopRun):
    # given people of all kinds: in many segments, in few, and known by events alone
    people = shop.workspace.table("membership").orderBy(F.desc(F.size("segments")), "profile_id").limit(3).collect()
    people += shop.workspace.table("membership").orderBy(F.size("segments"), "profile_id").limit(2).collect()
    anonymous = shop.workspace.table("profile").where("size(provenance) = 0").orderBy("profile_id").first()
    numbers = {row.segment_no: row.segment for row in shop.workspace.table("segment_version").collect()}

    for person in people:
        # when the person is explained
        told = shop.workspace.explain_person(person.profile_id)
        # then each rule's verdict is the membership
        assert {one.segment for one in told.segments if one.rule.verdict} == {numbers[n] for n in person.segments}
        assert all((one.status == "realized") == one.rule.verdict for one in told.segments)
        assert told.identifiers
    nobody = shop.workspace.explain_person(anonymous.profile_id)
    assert (nobody.attributes, nobody.events > 0) == ((), True)


def test_a_person_is_found_by_an_identifier_from_standard_input(shop: ShopRun):
    known = shop.workspace.table("identifier").where("namespace = 'email'").orderBy("identifier_id").first()
    shown = explained(shop, "--identifier", "email", given=f"  {known.value.upper()} \n")
    assert known.value in shown
    assert "identifiers" in shown
    assert "(seen: " in shown

    as_json = json.loads(explained(shop, "--identifier", "email", "--output", "json", given=f"{known.value}\n"))
    assert as_json["profile_id"] in shown
    only = explained(shop, as_json["profile_id"], "--segment", "vip")
    assert only.count("not a member") + only.count("since") == 1


def test_a_link_is_explained_by_records_that_really_show_it(shop: ShopRun, tmp_path):
    # given the couple who share a phone (the largest profile of two customers)
    crm = (
        shop.workspace.table("identifier")
        .where("namespace = 'crm_id'")
        .join(shop.workspace.table("identity_map"), "identifier_id", how="inner")
    )
    couple = crm.groupBy("profile_id").agg(F.sort_array(F.collect_list("value")).alias("ids")).where("size(ids) = 2")
    pair = couple.orderBy("profile_id").first()
    # when the link between both customers is explained
    told, _ = shop.workspace.explain_link(("crm_id", f" {pair.ids[0]} "), ("crm_id", pair.ids[1]))
    # then each hop stands on a link of the table and on a record that carried both ends
    links = {(row.left_id, row.right_id): row for row in shop.workspace.table("link").collect()}
    sightings = {(row.dataset, row.record_id): row for row in shop.workspace.table("sighting").collect()}
    assert told.hops
    assert told.hops[0].start.value == pair.ids[0]
    assert told.hops[-1].end.value == pair.ids[1]
    for hop in told.hops:
        assert links[hop.link.ends].state == "live"
        assert set(hop.link.datasets) == set(links[hop.link.ends].datasets)
        shown = sightings[hop.link.first.dataset, hop.link.first.record_id]
        assert set(hop.link.ends) <= set(shown.identifier_ids)
        both = [one for one in sightings.values() if set(hop.link.ends) <= set(one.identifier_ids)]
        assert hop.link.records == len(both)
        assert hop.link.first.at <= hop.link.last.at
    # and the cut parts them
    assert told.cut is not None
    assert told.cut.records == min(hop.link.records for hop in told.hops)
    assert {told.first.identifier_id} <= told.cut.side_of_first
    assert {told.second.identifier_id} <= told.cut.side_of_second
    # and so says the command, with a picture that holds no value
    picture = tmp_path / "couple.html"
    given = f"crm_id:{pair.ids[0]}\ncrm_id:{pair.ids[1]}\n"
    text = explained(shop, "link", "--picture", str(picture), given=given)
    assert "are one person" in text
    assert "cheapest cut: 1 link" in text
    assert pair.ids[0] not in picture.read_text()
    assert "<svg" in picture.read_text()
    assert json.loads(explained(shop, "link", "--output", "json", given=given))["are_one"] is True


def test_a_profile_and_what_was_dropped_are_explained(shop: ShopRun, tmp_path):
    dropped = shop.workspace.explain_dropped()
    links, sightings = shop.workspace.table("link"), shop.workspace.table("sighting")
    assert sum(one.links for one in dropped.links) == links.where("state = 'dropped'").count() > 0
    assert sum(one.records for one in dropped.identifiers) == sightings.selectExpr("sum(size(dropped))").first()[0] > 0
    assert "persons_per_value" in explained(shop, "dropped", "--examples", "1")
    assert "'test@test.com'" not in explained(shop, "dropped", "--examples", "0")

    # a value over its limit is a profile of its own, with the links that it lost
    namespace, hub, _ = dropped.links[0].hubs[0]
    told = shop.workspace.explain_profile(namespace=namespace, value=hub)
    assert (len(told.identifiers), len(told.live)) == (1, 0)
    assert {link.reason for link in told.dropped} == {"persons_per_value"}
    assert [entry.what for entry in told.history] == ["minted"]
    text = explained(shop, "profile", told.profile_id, "--picture", str(tmp_path / "hub.svg"), "--values")
    assert hub in text
    assert (tmp_path / "hub.svg").read_text().startswith("<svg")
    other = told.dropped[0].other(told.identifiers[0].identifier_id)
    end = told.cluster.identifiers[other]
    apart = explained(shop, "link", namespace, end.namespace, given=f"{hub}\n{end.value}\n")
    assert "are two people" in apart
    assert "they would be one but for dropped links" in apart

    # and it stands out among the values of its namespace, which needs no limit to be seen
    stand_out = {one.namespace: one for one in shop.workspace.explain_hubs(examples=9).namespaces}
    assert hub in dict(stand_out[namespace].examples)
    assert {name: one.hubs for name, one in stand_out.items()} == {
        "crm_id": 0, "loyalty_id": 0, "email": 1, "phone": 1, "ecid": 1,
    }  # fmt: skip
    assert stand_out["ecid"].examples[0][1] == stand_out["ecid"].most == 8
    text = explained(shop, "hubs", "--examples", "0")
    assert "1 hub from 5 on; persons_per_value: 2" in text
    assert hub not in text

    with pytest.raises(ConfigurationError, match="the second identifier is missing") as refused:
        explained(shop, "link", given="email:someone@x\n")
    assert "someone" not in str(refused.value)
    with pytest.raises(ConfigurationError, match="there is no profile p0"):
        explained(shop, "profile", "p0")


def test_who_is_unknown_is_said_without_the_value(shop: ShopRun):
    with pytest.raises(ConfigurationError, match="nobody has that value in namespace email") as refused:
        explained(shop, "--identifier", "email", given="nobody@nowhere.example\n")
    assert "nowhere" not in str(refused.value)
    with pytest.raises(ConfigurationError, match="unknown namespace 'mail'; known: crm_id"):
        explained(shop, "--identifier", "mail", given="x\n")
    with pytest.raises(ConfigurationError, match="there is no profile p0"):
        explained(shop, "p0")
    with pytest.raises(ConfigurationError, match="there is no segment vips"):
        explained(shop, "p0", "--segment", "vips")
    with pytest.raises(ConfigurationError, match="no identifier on standard input"):
        explained(shop, "--identifier", "email", given="\n")


def test_members_are_those_of_the_run_and_nothing_is_told_of_before_it(shop: ShopRun):
    others = sorted(set(shop.workspace.project.segments) - {"vip"})[:2]
    words = ["members", "vip", *(word for other in others for word in ("--with", other))]
    told = json.loads(explained(shop, *words, "--output", "json"))
    figures = shop.result.reports[3].figures
    assert told["size"] == figures["members vip"] > 0
    assert [size for _, size in told["history"]] == [told["size"]]
    members = {row.profile_id: set(row.segments) for row in shop.workspace.table("membership").collect()}
    numbers = {row.segment: row.segment_no for row in shop.workspace.table("segment_version").collect()}
    shared = {other: sum({numbers["vip"], numbers[other]} <= held for held in members.values()) for other in others}
    assert dict(told["overlaps"]) == shared
    text = explained(shop, *words)
    assert shop.workspace.project.segments["vip"].sentence in text
    assert f"today also in {others[0]}: {shared[others[0]]:,}" in text
    with pytest.raises(ConfigurationError, match="the earliest time that can be told is"):
        explained(shop, "members", "vip", "--as-of", "2001-01-01")


def test_a_preview_has_the_size_that_the_run_gave(shop: ShopRun):
    parser = argparse.ArgumentParser()
    preview.add_arguments(parser)
    out = io.StringIO()
    file = next((shop.project / "segments").rglob("vip.yaml"))
    preview.preview(parser.parse_args([str(file), "--project", str(shop.project), "--output", "json"]), out)
    seen = json.loads(out.getvalue())
    figures = shop.result.reports[3].figures
    assert seen["size"] == figures["members vip"]
    assert seen["warnings"] == []
    assert seen["sentence"] == shop.workspace.project.segments["vip"].sentence
    assert 0 < len(seen["some_members"]) <= seen["size"]
