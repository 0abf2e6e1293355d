"""Every normaliser: its examples hold, and its twins in Spark and Python agree; a new entry is tested by existing."""

from __future__ import annotations

import csv
import json

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from profile_engine.errors import ConfigurationError
from profile_engine.schemas.normalisers import Normaliser, normaliser, normaliser_names
from profile_engine.schemas.normalisers.white_space import WHITE_SPACE
from tests.support.shared_data import shared

DATA = shared("data")
OPTIONS = {"phone": ("", ":DE", ":NL", ":US", ":DK")}
ALL = [normaliser(name + option) for name in normaliser_names() for option in OPTIONS.get(name, ("",))]


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_examples_hold_in_python(each: Normaliser) -> None:
    assert each.examples, f"{each.name} shows no example"
    assert {text: each.normalised_value(text) for text in each.examples} == dict(each.examples)


def test_twins_agree_on_examples_and_nasty_strings(spark: SparkSession) -> None:
    # given all examples and the naughty strings in one frame
    texts = {text for each in ALL for text in each.examples}
    if (DATA / "nasty_strings/blns.json").exists():
        texts |= set(json.loads((DATA / "nasty_strings/blns.json").read_text(encoding="utf-8")))
    for space in [*WHITE_SPACE, "\x1f", "\x7f"]:  # all that is trimmed, and two that are neither seen nor trimmed
        texts |= {space, f"{space}a", f"a{space}", f"a{space}b", f"{space}é", f"é{space}"}
    rows = spark.createDataFrame([(text,) for text in sorted(texts)], "text string")
    # when every normaliser runs over it, on texts and on lists of them
    made = rows.select(
        "text",
        *(each.normalised(F.col("text")).alias(each.name) for each in ALL),
        *(each.normalised_items(F.array("text", F.lit(None))).alias(f"{each.name} of lists") for each in ALL),
    ).collect()
    # then both twins say the same
    for row in made:
        for each in ALL:
            assert row[each.name] == each.normalised_value(row.text), each.name
            assert row[f"{each.name} of lists"] == [each.normalised_value(row.text), None], each.name


@pytest.mark.skipif(not (DATA / "normalisation").exists(), reason="needs ../shared/data/normalisation")
def test_phones_become_what_libphonenumber_says() -> None:
    with (DATA / "normalisation/phones.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["libphonenumber_roundtrip"] == "True"]
    wrong = [
        row["written_as"]
        for row in rows
        if normaliser(f"phone:{row['default_region']}").normalised_value(row["input"]) != row["e164"]
    ]
    assert len(rows) > 1000
    assert wrong == []


def test_an_unknown_name_or_option_is_refused_with_what_is_known() -> None:
    with pytest.raises(ConfigurationError, match="unknown normaliser 'e_mail'; known: digits, email"):
        normaliser("e_mail")
    with pytest.raises(ConfigurationError, match="has no option 'XX'"):
        normaliser("phone:XX")
    with pytest.raises(ConfigurationError, match="has no option 'DE'"):
        normaliser("email:DE")


def test_the_registry_needs_no_pyspark() -> None:
    import subprocess
    import sys

    code = "import sys; from profile_engine.schemas.normalisers import normaliser as n; n('phone:DE').normalised_value('1'); assert 'pyspark' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
