"""What `explain person` and `preview` say is what the tables hold."""

from __future__ import annotations

import argparse
import io
import json

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.command_line import explain, preview
from profile_engine.errors import ConfigurationError
from tests.support.sample_shop_run import ShopRun, shop_run

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def shop(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> ShopRun:
    return shop_run(spark, tmp_path_factory)


def explained(shop: ShopRun, *words: str, given: str = "") -> str:
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    out = io.StringIO()
    explain.explain(parser.parse_args(["person", *words, "--project", str(shop.project)]), io.StringIO(given), out)
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


def test_a_preview_has_the_size_that_the_run_gave(shop: ShopRun):
    parser = argparse.ArgumentParser()
    preview.add_arguments(parser)
    out = io.StringIO()
    file = next((shop.project / "segments").rglob("vip.yaml"))
    preview.preview(parser.parse_args([str(file), "--project", str(shop.project), "--output", "json"]), out)
    seen = json.loads(out.getvalue())
    figures = shop.result.reports[3].figures
    assert seen["size"] == figures["members vip"]
    assert seen["sentence"] == shop.workspace.project.segments["vip"].sentence
    assert 0 < len(seen["some_members"]) <= seen["size"]
