"""`profile-engine simulate` on typed events and made-up worlds: no Java, the project's rules or others."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from profile_engine.command_line import simulate
from profile_engine.command_line.identity_lines import REASONS
from profile_engine.command_line.main import main, parser
from profile_engine.command_line.simulate import PRESET_NAMES, TROUBLE_NAMES
from profile_engine.command_line.simulation_lines import effect_lines
from profile_engine.identity.effect import Regrouping, Shape
from profile_engine.identity.simulation.presets import PRESETS
from profile_engine.identity.worlds.troubles import TROUBLES
from profile_engine.lake.gates import Gate
from profile_engine.workspace.simulate_identity import IdentitySimulated

ROOT = Path(__file__).parents[2]
RULES = """
priority:
  - crm: {kind: person, unique: true}
  - email: {kind: email, normalise: email}
  - ecid: {kind: cookie}
"""
EVENTS = "crm: Tom, ecid: 111\ncrm: Ann, ecid: 111\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules" / "namespaces.yaml"
    path.parent.mkdir()
    path.write_text(RULES, encoding="utf-8")
    return path


def said(*arguments: str, given: str = "") -> str:
    out = io.StringIO()
    assert simulate.simulate(parser().parse_args(["simulate", *arguments]), io.StringIO(given), out) == 0
    return out.getvalue()


def test_the_command_offers_what_there_is():
    assert set(PRESET_NAMES) == set(PRESETS)
    assert tuple(TROUBLES) == TROUBLE_NAMES


def test_typed_events_print_live_and_removed_links_with_event_numbers(rules, tmp_path):
    text = said("--events", "-", "--identity", str(rules), given=EVENTS)
    why = REASONS.get("unique_namespace", "unique_namespace")
    assert text.splitlines() == [
        "events  2",
        "links  1 live, 1 removed",
        f"  crm:Tom ·· ecid:111  event 1; removed by event 2: {why}",
        "  crm:Ann -- ecid:111  event 2",
        "graphs  2",
        "  1. crm:Ann, ecid:111",
        "  2. crm:Tom",
        "identifiers  3: crm 2, ecid 1",
        "sizes  1 of 1, 1 of 2",
        "graphs with two values  none",
    ]
    file = tmp_path / "events.txt"
    file.write_text(EVENTS, encoding="utf-8")
    told = json.loads(said("--events", str(file), "--identity", str(rules.parent), "--output", "json"))
    assert told["graphs"] == [[["crm", "Ann"], ["ecid", "111"]], [["crm", "Tom"]]]
    assert [(link["state"], link["events"], link["removed_by"]) for link in told["links"]] == [
        ("dropped", [1], 2), ("live", [2], None),
    ]  # fmt: skip


def test_a_picture_stands_alone_with_solid_and_dotted_lines(rules, tmp_path):
    picture, page = tmp_path / "graph.svg", tmp_path / "graph.html"
    for target in (picture, page):
        said("--events", "-", "--identity", str(rules), "--picture", str(target), given=EVENTS)
    lines = [line.attrib for line in ElementTree.parse(picture).getroot().iter("{http://www.w3.org/2000/svg}line")]
    assert any("stroke-dasharray" in line for line in lines)
    assert any("stroke-dasharray" not in line for line in lines)
    text = picture.read_text(encoding="utf-8")
    assert "1, removed by 2" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "<td>crm:Tom</td>" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("preset", PRESET_NAMES)
def test_presets_work_in_the_shipped_project_and_show_what_a_unique_customer_number_parts(preset, tmp_path):
    assert "  1. crm_id: tom" in said("--preset", preset, "--project", str(ROOT))
    shipped = (ROOT / "conf" / "identity" / "namespaces.yaml").read_text(encoding="utf-8")
    assert "crm_id:     {kind: person," in shipped, "two customers on one laptop are joined in the shipped project"
    unique = tmp_path / "namespaces.yaml"
    unique.write_text(shipped.replace("crm_id:     {", "crm_id:     {unique: true, "), encoding="utf-8")
    text = said("--preset", preset, "--identity", str(unique))
    assert "  1. crm_id: tom" in text
    assert " ·· " in text


def test_a_world_is_scored_and_comes_again(rules):
    text = said("--world", "--people", "60", "--project", str(ROOT))
    assert text == said("--world", "--people", "60", "--project", str(ROOT))
    assert all(name in text for name in TROUBLE_NAMES)
    told = json.loads(
        said("--world", "--people", "60", "--identity", str(rules), "--trouble", "typos", "--output", "json")
    )
    assert set(told["by_trouble"]) == {"typos"}
    assert 0 < told["all"]["recall"] <= 1


def test_usage_is_told(rules, capsys, tmp_path):
    cases = [
        (["simulate"], "say what to simulate"),
        (["simulate", "--events", "gone.txt", "--identity", str(rules)], "gone.txt can't be read"),
        (["simulate", "--preset", "wrong_phone", "--identity", str(rules)], "needs a namespace of kind phone"),
        (["simulate", "--world", "--people", "1", "--identity", str(rules)], "at least 2"),
        (["simulate", "--world", "--identity", str(tmp_path / "none")], "there is no"),
        (["simulate", "--world", "--identity", __file__], "is no file of conf/identity"),
        (
            ["simulate", "--preset", "bad_values", "--identity", str(rules), "--picture", "x.png"],
            "neither .svg nor .html",
        ),
    ]
    for arguments, words in cases:
        assert main(arguments) == 2, arguments
        assert words in capsys.readouterr().err
    rules.write_text(RULES.replace("unique", "uniqe"), encoding="utf-8")
    assert main(["simulate", "--world", "--identity", str(rules)]) == 2
    assert "namespaces.yaml:3:25" in capsys.readouterr().err


def test_neither_needs_java(rules):
    code = (
        "import sys; from profile_engine.command_line.main import main\n"
        f"code = main(['simulate', '--world', '--people', '20', '--identity', {str(rules)!r}])\n"
        "import pyspark; sys.exit(code or pyspark.SparkContext._gateway is not None)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True).returncode == 0


def test_the_effect_on_a_lake_is_told_with_sizes_ids_and_gates():
    sizes = {"1": 0, "2": 9, "3-4": 1}
    told = IdentitySimulated(
        as_of=datetime(2026, 11, 1, tzinfo=UTC), release_id=12,
        before=Shape(20, 12, 0, 10, 3, sizes), after=Shape(20, 10, 2, 12, 2, {**sizes, "1": 4, "2": 8, "3-4": 0}),
        minted=2, merged=1, split=2, moved=3,
        regroupings=(
            Regrouping("merged_into", "p1", ("p7",), 1, 0), Regrouping("split_from", "p2", ("p8", "p9"), 4, 0),
            Regrouping("moved", "p3", ("p4",), 1, 3),
        ),
        dropped={"persons_per_value": (0, 2)},
        gates=(Gate("hubs", True, "0 values", "0", "--confirm hubs"), Gate("ids_changed", False, "3 of 10", "10.00%", "--confirm ids_changed")),
        other_causes="its input has moved on: raw_crm",
    )  # fmt: skip
    lines = list(effect_lines(told, "rules/"))
    assert lines[0] == "what rules/ would do to release 12 as of 2026-11-01T00:00:00Z; nothing was written"
    assert "raw_crm" in lines[1]
    rows = {line[:26].strip(): line[26:].split() for line in lines}
    assert rows["people"] == ["10", "12", "+2"]
    assert rows["people of 1"] == ["0", "4", "+4"]
    assert rows["people of 2"] == ["9", "8", "-1"]
    assert rows["identifiers"] == ["20", "20"]
    assert rows["dropped: persons_per_value"] == ["0", "2", "+2"]
    text = "\n".join(lines)
    assert "ids  1 merged into others, 2 split, 3 identifiers moved, 2 new" in text
    assert (
        "  p1 takes in p7\n  p2 gives identifiers up to the new p8, p9 and 2 more\n  p3 gains 3 identifiers from p4\n"
        in text
    )
    assert (
        "gates  2, of which would refuse 1\n  ✓ hubs: 0 values; limit 0\n  ✗ ids_changed: 3 of 10; limit 10.00%  --confirm"
        in text
    )
