"""What must come out of a population: counts, who is who, the members of every segment, the rows of every delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from benchmarks.population import (
    AS_OF,
    CATEGORIES,
    CONSENTS,
    COUNTRIES,
    DAY,
    TIERS,
    WEB_TYPES,
    Flags,
    Numbers,
    Population,
)
from benchmarks.source_files import crm_id, ecid, email, loyalty_id, phone

NOW = int(AS_OF.timestamp())
AUDIENCES = {
    "ads_files": ("lapsed_buyers", "big_spenders", "vip", "cart_without_order"),
    "analysts": ("german_or_french", "known_by_card", "never_bought"),
}
SHOES = CATEGORIES.tolist().index("shoes")
PRODUCT_VIEW, ADD_TO_CART = WEB_TYPES.tolist().index("product_view"), WEB_TYPES.tolist().index("add_to_cart")


@dataclass(frozen=True)
class Truth:
    read: int
    rejected: int
    identifiers: int
    profiles: int
    events: int
    revenue_cents: int
    """Over all orders that could be read."""
    named_by_their_card: int
    """Profiles whose first name is the loyalty programme's, as that record is newer."""
    segments: dict[str, int]
    rows_delivered: dict[str, int]
    """By destination/audience."""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def truth_of(population: Population, sweep: int) -> Truth:
    """The truth as of AS_OF; `sweep` is how many segments of the two swept kinds there are beside the written ones."""
    people, orders = population.people, population.orders
    members = segment_members(population, sweep)
    consents = CONSENTS[people.ad_consent] == "y"
    reachable = np.concatenate([consents & people.has_email, np.zeros(_strangers(population), dtype=bool)])
    known = np.concatenate([np.ones(len(people), dtype=bool), np.zeros(_strangers(population), dtype=bool)])
    sent_to = {"ads_files": reachable, "analysts": known}
    return Truth(
        read=len(people) + int(people.has_card.sum()) + len(orders) + len(population.clicks),
        rejected=int((~orders.readable).sum()),
        identifiers=len(identifiers_of(population)),
        profiles=len(people) + _strangers(population),
        events=int(orders.readable.sum()) + len(population.clicks),
        revenue_cents=int(orders.cents[orders.readable].sum()),
        named_by_their_card=int((people.has_card & (people.card_updated_at > people.updated_at)).sum()),
        segments={name: int(mask.sum()) for name, mask in members.items()},
        rows_delivered={
            f"{destination}/{audience}": int((members[audience] & sent_to[destination]).sum())
            for destination, audiences in AUDIENCES.items()
            for audience in audiences
        },
    )


def identifiers_of(population: Population) -> pa.Table:
    """A row an identifier that the files hold: namespace, value (normalised), and whose it is (a number)."""
    people = population.people
    profile, seen = _profile_of_browser(population), np.unique(population.clicks.browser)
    rows: list[tuple[str, str, int]] = []
    kinds: list[tuple[str, Callable[[int], str], Numbers]] = [
        ("crm_id", crm_id, np.arange(len(people))),
        ("email", email, np.flatnonzero(people.has_email)),
        ("phone", phone, np.flatnonzero(people.has_phone)),
        ("loyalty_id", loyalty_id, np.flatnonzero(people.has_card)),
    ]
    for namespace, value, owners in kinds:
        rows.extend((namespace, value(person), person) for person in owners.tolist())
    rows.extend(("ecid", ecid(browser, population.seed), int(profile[browser])) for browser in seen.tolist())
    namespaces, values, persons = zip(*rows, strict=True)
    return pa.table({"namespace": namespaces, "value": values, "person": pa.array(persons, pa.int64())})


def segment_members(population: Population, sweep: int) -> dict[str, Flags]:
    """Who is in each segment: a flag a profile, people first, then the browsers that are somebody of their own."""
    people, orders, clicks = population.people, population.orders, population.clicks
    strangers = _strangers(population)
    size = len(people) + strangers
    order_age, click_age = NOW - orders.at, NOW - clicks.at
    visitor = _profile_of_browser(population)[clicks.browser]

    def of_person(flags: Flags) -> Flags:
        return np.concatenate([flags, np.zeros(strangers, dtype=bool)])

    def ordered(within: int | None = None, extra: Flags | None = None) -> Numbers:
        chosen = orders.readable & (True if within is None else order_age < within * DAY)
        return np.bincount(orders.person[chosen if extra is None else chosen & extra], minlength=size)

    def spent(within: int) -> Numbers:
        chosen = orders.readable & (order_age < within * DAY)
        return np.bincount(orders.person[chosen], weights=orders.cents[chosen], minlength=size).astype(np.int64)

    def clicked(kind: int, within: int) -> Numbers:
        return np.bincount(visitor[(clicks.type == kind) & (click_age < within * DAY)], minlength=size)

    known = of_person(np.ones(len(people), dtype=bool))
    big_spenders = spent(365) >= 30_000
    precious = of_person(people.has_card & np.isin(TIERS[people.tier], ["gold", "silver"]))
    members = {
        "german_or_french": of_person(np.isin(COUNTRIES[people.country], ["DE", "FR"])),
        "known_by_card": of_person(people.has_card),
        "never_bought": known & (ordered() == 0),
        "recent_buyers": ordered(30) > 0,
        "lapsed_buyers": (ordered(365) >= 2) & (ordered(90) == 0),
        "shoe_buyers": ordered(365, (orders.category == SHOES) & (orders.cents >= 5_000)) > 0,
        "big_spenders": big_spenders,
        "vip": big_spenders & precious & ~of_person(people.closed),
        "cart_without_order": (clicked(ADD_TO_CART, 30) > 0) & (ordered(30) == 0),
        "anonymous_viewers": (clicked(PRODUCT_VIEW, 60) >= 2) & ~known,
    }
    for step in range(sweep):
        days = swept_days(step)
        members[f"spent_{step:04}"] = spent(days) >= swept_amount(step) * 100
        members[f"bought_{step:04}"] = (ordered(days) > 0) & of_person(
            people.has_card & (people.points >= swept_points(step))
        )
    return members


def swept_days(step: int) -> int:
    return 7 + step * 13 % 360


def swept_amount(step: int) -> int:
    return 20 + step * 17 % 400


def swept_points(step: int) -> int:
    return step * 37 % 2_000


def _own_profile(population: Population) -> Numbers:
    """Browsers that were seen and never logged in: each is a profile of its own."""
    seen = np.unique(population.clicks.browser)
    return seen[~population.browsers.logs_in[seen]]


def _strangers(population: Population) -> int:
    return len(_own_profile(population))


def _profile_of_browser(population: Population) -> Numbers:
    """The number of the profile that each browser ends in; -1 for one that was never seen and never logged in."""
    profile = np.where(population.browsers.logs_in, population.browsers.person, -1)
    own = _own_profile(population)
    profile[own] = len(population.people) + np.arange(len(own))
    return profile
