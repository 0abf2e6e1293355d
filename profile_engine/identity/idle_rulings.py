"""Rulings that change nothing, which whoever wrote them should know of."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from pyspark.sql import functions as F

from profile_engine.identity.linking_rules.live_links import link_between
from profile_engine.identity.rulings import Ruling, without_effect
from profile_engine.identity.rulings_in_force import RulingsInForce
from profile_engine.lake.runs import Run

log = logging.getLogger(__name__)


def idle_rulings(run: Run, rulings: Sequence[Ruling], decided: RulingsInForce) -> str:
    """The places in rulings.yaml (`2, 5`, from 1) of rulings on a value that the lake does not know, or on two values between
    which it has no link; `none` where each does something. Warns of them in the log, which names no value.

    Reads the table `link` as the run has written it, once, and only where a ruling is on a link that can be there.
    """
    id_of = decided.id_of
    link_of = {
        frozenset(one.about): link_between(*(id_of[value] for value in one.about))
        for one in rulings
        if one.of_link and id_of.keys() >= set(one.about)
    }
    there = set[tuple[int, int]]()
    if link_of:
        lefts, rights = (sorted({link[side] for link in link_of.values()}) for side in (0, 1))
        links = run.read("link").filter(F.col("left_id").isin(lefts) & F.col("right_id").isin(rights))
        there = {(row["left_id"], row["right_id"]) for row in links.select("left_id", "right_id").collect()}
    idle = without_effect(rulings, id_of, {pair for pair, link in link_of.items() if link in there})
    if not idle:
        return "none"
    places = ", ".join(map(str, idle))
    log.warning(
        "rulings_without_effect=%s file=conf/identity/rulings.yaml; each names a value that was never seen, or two that no "
        "record links: `profile-engine explain link` names the links that can be cut, and a link is kept where a record holds "
        "both values",
        places.replace(" ", ""),
    )
    return places
