"""Who is in which segment of the sample shop, and what each destination gets, in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from sample_data.facts import Card, Customer, local
from sample_data.sources import AS_OF
from sample_data.truth import Profile

CONSENT = {"advertising": 0, "email": 1, "analytics": 2}


def newest(records: list[Customer] | list[Card], attribute: str) -> object:
    """The value of the newest record that has one."""
    for record in sorted(records, key=lambda record: record.updated_at, reverse=True):
        value = getattr(record, attribute)
        if value is not None:
            return value
    return None


def consent(profile: Profile, purpose: str) -> str | None:
    """The newest answer to one question; a customer who was not asked again keeps the answer."""
    for customer in sorted(profile.customers, key=lambda customer: customer.updated_at, reverse=True):
        if customer.consents[CONSENT[purpose]] is not None:
            return customer.consents[CONSENT[purpose]]
    return None


def email(profile: Profile) -> str | None:
    """By the exception of the merge policy: the CRM's address before the card's."""
    customers = [c for c in profile.customers if c.email is not None]
    found = newest(customers, "email")
    return str(found).strip().lower() if found is not None else _text(newest(profile.cards, "email"))


def orders(profile: Profile, days: int | None = None, **where: object) -> list[Decimal]:
    """Amounts of the orders up to as_of, of the last `days` days, that have these values."""
    after = AS_OF - timedelta(days=days) if days is not None else datetime.min.replace(tzinfo=AS_OF.tzinfo)
    return [
        order.amount for order in profile.orders
        if after < order.ordered_at <= AS_OF and all(getattr(order, name) == value for name, value in where.items())
    ]  # fmt: skip


def clicks(profile: Profile, days: int, *types: str, **where: object) -> int:
    after = AS_OF - timedelta(days=days)
    return sum(
        click.type in types
        and after < click.ts <= AS_OF
        and all(getattr(click, name) == value for name, value in where.items())
        for click in profile.clicks
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def lapsed_buyer(p: Profile) -> bool:
    return len(orders(p, 365, category="shoes")) >= 2 and not orders(p, 90)


def big_spender(p: Profile) -> bool:
    return sum(orders(p, 365), Decimal(0)) >= 400


def not_reachable(p: Profile) -> bool:
    unknown = email(p) is None and newest(p.customers, "phone") is None
    return bool(p.customers) and (consent(p, "email") == "n" or unknown)


def has_crm_id(p: Profile) -> bool:
    return bool(p.customers) or any(card.crm_id for card in p.cards)


def birth_date(p: Profile) -> date | None:
    """Customers and cards both carry it; what the sources say of one person is the same."""
    records: list[Customer | Card] = sorted([*p.customers, *p.cards], key=lambda record: record.updated_at)
    return records[-1].birth_date if records else None


def joined_lately(p: Profile) -> bool:
    joined = newest(p.cards, "joined_on")
    return isinstance(joined, date) and date(2026, 8, 3) < joined <= date(2026, 11, 1)


def in_october(p: Profile) -> bool:
    return any(local(2026, 10, 1, 0) <= order.ordered_at < local(2026, 11, 1, 0) for order in p.orders)


def regular(p: Profile) -> bool:
    return len(orders(p, 365)) >= 3 and bool(orders(p, 60))


def favourite_category(p: Profile) -> str | None:
    """What most orders were of, among equally many that of the latest order, then the greater word."""
    placed = [order for order in p.orders if order.ordered_at <= AS_OF]
    latest = {order.category: max(o.ordered_at for o in placed if o.category == order.category) for order in placed}
    counted = Counter(order.category for order in placed)
    return max(counted, key=lambda category: (counted[category], latest[category], category), default=None)


def computed_figures(profiles: list[Profile]) -> dict[str, object]:
    """Computed attributes over everybody: how many orders and how much money in a year, and whose favourite is what."""
    favourites = Counter(favourite for p in profiles if (favourite := favourite_category(p)) is not None)
    return {
        "orders_365d": sum(len(orders(p, 365)) for p in profiles),
        "spent_365d": str(sum((sum(orders(p, 365), Decimal(0)) for p in profiles), Decimal(0))),
        "favourite_category": dict(sorted(favourites.items())),
    }


SEGMENTS: dict[str, Callable[[Profile], bool]] = {
    "everyone_known": has_crm_id,
    "benelux": lambda p: newest(p.customers, "country") in ("NL", "BE") and newest(p.customers, "status") == "active",
    "freemail_readers": lambda p: (email(p) or "").lower().endswith("@freemail.example"),
    "under_thirty": lambda p: (birth_date(p) or date.min) > date(1996, 10, 31),
    "not_reachable": not_reachable,
    "middle_of_the_ladder": lambda p: bool(p.cards) and newest(p.cards, "level") != "blue"
    and 500 <= _number(newest(p.cards, "points")) <= 1500,
    "new_members": joined_lately,
    "recent_buyers": lambda p: bool(orders(p, 30)),
    "lapsed_buyers": lapsed_buyer,
    "never_bought": lambda p: has_crm_id(p) and not orders(p),
    "last_months_shoppers": in_october,
    "win_back": lambda p: lapsed_buyer(p) and (big_spender(p) or bool(p.cards))
    and not (newest(p.customers, "status") == "closed" or not_reachable(p)),
    "big_spenders": big_spender,
    "regulars": regular,
    "vip": lambda p: big_spender(p) and newest(p.cards, "level") in ("gold", "silver") and newest(p.customers, "status") != "closed",
    "store_and_web": lambda p: bool(orders(p, channel="store")) and clicks(p, 9999, "product_view", "add_to_cart") > 0,
    "abandoned_cart": lambda p: clicks(p, 7, "add_to_cart") > 0 and not orders(p, 7),
    "looked_at_shoes": lambda p: clicks(p, 60, "product_view", category="shoes") >= 3
    and not [amount for amount in orders(p, 60, category="shoes") if amount > 0],
}  # fmt: skip

DESTINATIONS = {
    "ads_files": (
        "advertising",
        "email",
        {"lapsed_buyers": "lapsed_buyers", "big_spenders": "big_spenders", "VIP_2026": "vip"},
    ),
    "newsletter": ("email", "email", {name: name for name in ("abandoned_cart", "new_members", "recent_buyers")}),
    "data_team": ("analytics", "crm_id", {name: name for name in ("everyone_known", "benelux")}),
}
"""Purpose, namespace, and the segment of each audience."""


def delivered(profiles: list[Profile]) -> dict[str, dict[str, dict[str, int]]]:
    """By destination and audience: members sent, rows sent (one an identifier of the namespace), members withheld by reason."""
    result: dict[str, dict[str, dict[str, int]]] = {}
    for destination, (purpose, namespace, audiences) in DESTINATIONS.items():
        for audience, segment in audiences.items():
            counts = {"members": 0, "rows": 0, "no_consent": 0, "unknown_consent": 0, "no_identity": 0}
            for profile in filter(SEGMENTS[segment], profiles):
                answer = consent(profile, purpose)
                identities = sum(name == namespace for name, _ in profile.identifiers)
                if answer != "y":
                    counts["no_consent" if answer == "n" else "unknown_consent"] += 1
                elif identities == 0:
                    counts["no_identity"] += 1
                else:
                    counts["members"] += 1
                    counts["rows"] += identities
            result.setdefault(destination, {})[audience] = counts
    return result
