"""A lake that is brought up to date where the news touch it ends as one that is solved as a whole every day."""

from __future__ import annotations

import random
import shutil
from functools import reduce

from pyspark.sql import DataFrame

from profile_engine.config.engine import LakeConfig
from profile_engine.config.secrets import Secret
from profile_engine.identity import graph_part
from profile_engine.identity.figures_of_whole import due_from
from tests.identity.small_project import customers, day, people, project_at, resolve_again, views
from tests.support.lakes import lake_at

WORLDS = 40
COMPARED = {
    "sighting": "dataset, record_id, seen_at, identifier_ids, batch_id",
    "link": "left_id, right_id, first_seen_at, datasets, state, reason",
    "identity_map": "identifier_id, profile_id",
    "identity_figure": "figure, of, value",
    "identity_change": "change, profile_id, profile_no, other_profile_id, identifier_id, anchor_id, anchor_priority, minted_at, at",
}
RULED = (
    "{crm: {kind: person, unique: true}}",
    "{email: {kind: email, normalise: email, persons_per_value: 2}}",
    "{ecid: {kind: cookie, persons_per_value: {at_most: 2, within: 3 days}}}",
)
RULINGS = "rulings:\n" + "".join(
    f"  - {{{about}, by: ann, on: 2026-03-01, why: known}}\n"
    for world in range(0, WORLDS, 2)
    for about in (
        f"cut: [{{crm: {world}-C1}}, {{ecid: {world}-K1}}]",
        f"cut: [{{crm: {world}-C2}}, {{email: {world}-2@x}}]",
        f"keep: [{{email: {world}-1@x}}, {{ecid: {world}-K1}}]",
        f"keep: [{{crm: {world}-C3}}, {{ecid: {world}-K2}}]",
        f"cut: {{ecid: {world}-K3}}",
    )
)


def small_world(rng: random.Random, world: int, today: int) -> tuple[list, list]:
    """A day of one world: rows of customers and of views, each with its own day (late ones and such of tomorrow too)."""
    crm, email = (lambda: f"{world}-C{rng.randint(0, 4)}"), (lambda: f"{world}-{rng.randint(0, 3)}@x")
    known = [(number, rng.choice([email(), None])) for number in rng.sample(range(5), rng.randint(0, 2))]
    rows = [(f"{world}-C{number}", mail, rng.choice([today, today, today + 1])) for number, mail in known]
    seen = [
        (
            f"{world}-{today}-{number}", rng.choice([f"{world}-K{rng.randint(0, 4)}", None]),
            rng.choice([crm(), None]), rng.choice([email(), None, None]), rng.choice([today, today, today + 1, max(0, today - 2)]),
        )
        for number in range(rng.randint(0, 3))
    ]  # fmt: skip
    return rows, seen


def test_random_histories(spark, tmp_path, monkeypatch, caplog):
    # given the same days for two lakes with one key, in one of which every run solves the whole graph
    rng, project = random.Random(23), project_at(tmp_path, namespaces=RULED, rulings=RULINGS, superseded="end")
    key = tmp_path / "key"
    key.write_text("0123456789abcdef" * 4, encoding="utf-8")
    configs = {
        name: LakeConfig(path=str(tmp_path / name), identifier_key=Secret(f"file/{key}"))
        for name in ("touched", "whole")
    }
    lakes = {"touched": lake_at(spark, tmp_path, lake=configs["touched"])}
    why_whole = graph_part._why_whole
    caplog.set_level("INFO", logger=graph_part.__name__)
    withdrawn_on, days, replayed = 2, 3, dict[str, int]()
    for today in range(days):
        if today == 1:  # a first day is solved as a whole in any case, so the two lakes have it in common
            shutil.copytree(tmp_path / "touched", tmp_path / "whole")
            lakes["whole"] = lake_at(spark, tmp_path, lake=configs["whole"])
        worlds = [small_world(rng, world, today) for world in range(WORLDS) if today == 0 or rng.random() < 0.4]
        bought = [row for rows, _ in worlds for row in rows]
        seen = [view for _, rows in worlds for view in rows]
        reports = {}
        for name, lake in lakes.items():
            asked = why_whole if name == "touched" else lambda run, project, taken, last: "the test asks for it"
            monkeypatch.setattr(graph_part, "_why_whole", asked)
            with lake.run("identity", day(today)) as run:
                for at in sorted({row[2] for row in bought}):
                    versions = [row[:2] for row in bought if row[2] == at]
                    run.merge("raw_customers", customers(spark, versions, at=at, batch=f"c{today}"))
                frames = [
                    views(spark, [view[:4] for view in seen if view[4] == at], at=at, batch=f"w{today}")
                    for at in sorted({view[4] for view in seen})
                ]
                run.merge("raw_web", reduce(DataFrame.unionByName, frames))
                if today == withdrawn_on:
                    run.replace("raw_web", run.read("raw_web").filter("batch_id <> 'w1'"))
                    columns = run.read("batch").schema
                    batch = dict.fromkeys(columns.names) | {"batch_id": "w1", "dataset": "web", "status": "withdrawn"}
                    run.append("batch", spark.createDataFrame([tuple(batch.values())], columns))
                reports[name] = resolve_again(run, project).figures
                replayed[name] = (replayed[name] if today > 1 else 0) + reports[name].pop("components_replayed")
        if today == 0:
            continue
        # then every table and every figure is the same
        assert reports["touched"] == reports["whole"]
        for table, columns in COMPARED.items():
            rows = {
                name: sorted(map(repr, lake.read(table).selectExpr(*columns.split(", ")).collect()))
                for name, lake in lakes.items()
            }
            assert rows["touched"] == rows["whole"], (today, table)
    assert caplog.text.count("part=touched") == days - 1
    kept = [(row.figure, row.of, row.value) for row in lakes["touched"].read("identity_figure").collect()]
    assert due_from(kept) == day(days), "sightings of the day after the last wait"
    told = {
        (row.state, row.reason) for row in lakes["touched"].read("link").select("state", "reason").distinct().collect()
    }
    assert told >= {("live", "ruling_on_link"), ("dropped", "ruling_on_link"), ("dropped", "ruling_on_value")}
    assert 0 < replayed["touched"] <= replayed["whole"], "rules are replayed where the news touch"
    assert max(len(group) for group in people(lakes["touched"])) > 3, "the history joins nobody"
