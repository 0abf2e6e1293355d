"""A population with known truth: people, their cards, browsers, orders and clicks, all drawn from one seed.

Nothing is shared by two people, so who is who is known by construction: a person is a CRM record with all that leads to
it, a browser that never logged in is somebody of its own. Times are whole seconds since 1970, amounts whole cents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
DAY = 86_400
COUNTRIES = np.array(["DE", "FR", "NL", "BE", "AT"])
TIERS = np.array(["blue", "silver", "gold"])
CONSENTS = np.array(["y", "n", ""])
CATEGORIES = np.array(["shoes", "coats", "hats", "bags", "belts", "socks", "shirts", "scarves"])
WEB_TYPES = np.array(["page_view", "product_view", "add_to_cart"])

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class People:
    """One entry a person, in every array; numbers are positions in the lists above."""

    has_email: Flags
    has_phone: Flags
    country: Numbers
    closed: Flags
    ad_consent: Numbers
    updated_at: Numbers
    has_card: Flags
    card_names_crm_id: Flags
    """The card carries the customer number, else the e-mail address."""
    tier: Numbers
    points: Numbers
    card_updated_at: Numbers

    def __len__(self) -> int:
        return len(self.has_email)


@dataclass(frozen=True)
class Browsers:
    """One entry a browser: its person, or -1 for a visitor whom nobody knows; whether it ever logs in."""

    person: Numbers
    logs_in: Flags

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Orders:
    """One entry an order. `named_by`: 0 customer number, 1 card, 2 e-mail address. `readable` is false for a bad row."""

    person: Numbers
    named_by: Numbers
    at: Numbers
    cents: Numbers
    category: Numbers
    readable: Flags

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Clicks:
    """One entry a web event; `typed_email` where the browser's person logged in."""

    browser: Numbers
    at: Numbers
    type: Numbers
    category: Numbers
    typed_email: Flags

    def __len__(self) -> int:
        return len(self.browser)


@dataclass(frozen=True)
class Population:
    seed: int
    people: People
    browsers: Browsers
    orders: Orders
    clicks: Clicks


def make_population(people: int, events: int, seed: int) -> Population:
    """Draws it all; the same three numbers give the same population. 15 % of the events are orders, the others clicks."""
    draw = np.random.default_rng(seed)
    made = _people(draw, people)
    browsers = _browsers(draw, made)
    orders = events * 15 // 100
    return Population(seed, made, browsers, _orders(draw, made, orders), _clicks(draw, browsers, events - orders))


def _chance(draw: np.random.Generator, size: int, share: float) -> Flags:
    return draw.random(size) < share


def _moments(draw: np.random.Generator, size: int, days: int) -> Numbers:
    """Seconds of the last `days` before AS_OF, AS_OF left out."""
    return int(AS_OF.timestamp()) - draw.integers(1, days * DAY, size)


def _people(draw: np.random.Generator, size: int) -> People:
    has_email = _chance(draw, size, 0.95)
    return People(
        has_email=has_email,
        has_phone=_chance(draw, size, 0.8),
        country=draw.choice(5, size, p=[0.4, 0.2, 0.15, 0.15, 0.1]),
        closed=_chance(draw, size, 0.1),
        ad_consent=draw.choice(3, size, p=[0.6, 0.2, 0.2]),
        updated_at=_moments(draw, size, 300),
        has_card=_chance(draw, size, 0.4),
        card_names_crm_id=_chance(draw, size, 0.7) | ~has_email,
        tier=draw.choice(3, size, p=[0.6, 0.3, 0.1]),
        points=draw.integers(0, 2_000, size),
        card_updated_at=_moments(draw, size, 300),
    )


def _browsers(draw: np.random.Generator, people: People) -> Browsers:
    count = draw.choice(4, len(people), p=[0.2, 0.4, 0.3, 0.1])
    owners = np.repeat(np.arange(len(people)), count)
    logs_in = _chance(draw, len(owners), 0.6) & people.has_email[owners]
    visitors = len(people) // 5
    person = np.concatenate([owners, np.full(visitors, -1)])
    return Browsers(person, np.concatenate([logs_in, np.zeros(visitors, dtype=bool)]))


def _skewed(draw: np.random.Generator, among: int, size: int) -> Numbers:
    """Positions of which the first are drawn far more often: some people do most of the shopping."""
    return (draw.random(size) ** 2 * among).astype(np.int64)


def _orders(draw: np.random.Generator, people: People, size: int) -> Orders:
    person = _skewed(draw, len(people), size)
    wanted = draw.choice(3, size, p=[0.5, 0.3, 0.2])
    possible = (wanted == 0) | ((wanted == 1) & people.has_card[person]) | ((wanted == 2) & people.has_email[person])
    return Orders(
        person=person,
        named_by=np.where(possible, wanted, 0),
        at=_moments(draw, size, 400),
        cents=draw.integers(500, 20_000, size),
        category=draw.integers(0, len(CATEGORIES), size),
        readable=~_chance(draw, size, 0.005),
    )


def _clicks(draw: np.random.Generator, browsers: Browsers, size: int) -> Clicks:
    browser = draw.permutation(len(browsers))[_skewed(draw, len(browsers), size)]
    first_of_browser = np.zeros(size, dtype=bool)
    first_of_browser[np.unique(browser, return_index=True)[1]] = True
    return Clicks(
        browser=browser,
        at=_moments(draw, size, 400),
        type=draw.choice(3, size, p=[0.6, 0.3, 0.1]),
        category=draw.integers(0, len(CATEGORIES), size),
        typed_email=browsers.logs_in[browser] & (first_of_browser | _chance(draw, size, 0.1)),
    )
