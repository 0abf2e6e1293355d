"""`explain segment`: the sentence, how the segment is evaluated and why, and which segments stand on which; no Spark."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from textwrap import dedent

import pytest

from profile_engine.command_line import explain
from profile_engine.errors import ConfigurationError
from tests.segments.small_lake import CONF, project_with

RULES = {
    "buyers": "{did: {event: order, within_last: 24 hours}}",
    "dutch": "{country: NL}",
    "dutch_twice": "{in_segment: dutch}",
}


def told(root: Path, *words: str) -> str:
    parser = argparse.ArgumentParser()
    explain.add_arguments(parser)
    out = io.StringIO()
    explain.explain(parser.parse_args(["segment", *words, "--project", str(root)]), io.StringIO(), out)
    return out.getvalue()


def test_it_shows_the_sentence_the_method_with_its_reason_and_the_neighbours(tmp_path: Path):
    project_with(tmp_path, RULES)
    as_json = json.loads(told(tmp_path, "dutch", "--output", "json"))
    assert as_json == {
        "segment": "dutch", "name": "dutch", "sentence": "People whose country is NL.", "merge_policy": "default",
        "evaluation_method": "edge", "method_reason": "attributes of the profile only; evaluated again daily where no event comes",
        "names": [], "named_by": ["dutch_twice"],
    }  # fmt: skip
    shown = told(tmp_path, "dutch_twice")
    assert "People who are in dutch." in shown
    assert "evaluated   edge: references to segments only (dutch)" in shown
    assert "names  dutch" in shown
    with pytest.raises(ConfigurationError, match="there is no segment dutsch; known: buyers, dutch, dutch_twice"):
        told(tmp_path, "dutsch")


def test_events_that_come_in_batches_and_as_a_stream_are_for_batch(tmp_path: Path):
    # given orders that come in batches only
    project_with(tmp_path, RULES)
    assert "evaluated   edge: one event within 24 hours" in told(tmp_path, "buyers")
    # when a second source streams them
    (tmp_path / "conf/datasets/orders.yaml").write_text(
        dedent(CONF["conf/datasets/orders.yaml"]).replace(
            "sources: {files:",
            'sources: {web: {files: "web/*.csv", format: csv, mode: append, arrives: stream}, files:',
        ),
        encoding="utf-8",
    )
    # then
    assert "evaluated   batch: its events come in batches and as a stream" in told(tmp_path, "buyers")
    assert "evaluated   edge" in told(tmp_path, "dutch")
