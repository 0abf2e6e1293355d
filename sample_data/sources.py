"""The files of the sample shop, made from its people: who shows up where, and what was written down wrongly."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from sample_data import people as cast
from sample_data.facts import Bad, Card, Click, Customer, Fact, Order, SourceFile, days_before, local, utc
from sample_data.people import Person

AS_OF = utc(2026, 11, 1)
CATEGORIES = ("shoes", "jackets", "tents", "bags")
PAGES = {"page_view": "home", "product_view": "product", "add_to_cart": "cart", "checkout": "checkout"}


def make_files(people: list[Person], random_numbers: random.Random) -> list[SourceFile]:
    """All files, in the order of their paths within a dataset."""
    return [
        *crm_files(people, random_numbers),
        loyalty_file(people),
        *order_files(people, random_numbers),
        *web_files(people, random_numbers),
    ]


def crm_files(people: list[Person], random_numbers: random.Random) -> list[SourceFile]:
    """The export of September with every customer, and that of October with the ones that changed."""
    first: list[Fact | Bad] = []
    second: list[Fact | Bad] = []
    for person in people:
        if person.crm_id is None:
            continue
        updated_at = utc(2026, 8, 1, 8) + timedelta(minutes=97 * person.number)
        customer = _customer(person, updated_at, random_numbers)
        first.append(customer)
        if person.number == cast.LATE_VERSION:
            second.append(_changed(customer, city="Nergens", status="closed", updated_at=days_before(updated_at, 400)))
        elif person.number % 7 == 3:
            moved = random_numbers.choice(cast.HOMES)
            later = updated_at + timedelta(days=50)
            consents = tuple(random_numbers.choice((consent, "y", "n", None)) for consent in customer.consents)
            second.append(_changed(customer, city=moved[0], country=moved[1], consents=consents, updated_at=later))
    sample = [row for row in first if isinstance(row, Customer)]
    first[17:17] = [
        Bad((("wrong_type", "birth_date"),), sample[15], (("CustomerID", "C90001"), ("DOB", "31/02/1980"))),
        Bad((("missing_required", "crm_id"),), sample[16], (("CustomerID", None),)),
        Bad((("unknown_value", "status"),), sample[17], (("CustomerID", "C90003"), ("Status", "pending"))),
    ]
    first[101:101] = [
        Bad((("ragged_row", ""),), sample[100], line="C90004,Too,Short"),
        Bad((("pattern", "crm_id"), ("wrong_type", "birth_date"), ("pattern", "address.country")), sample[101],
            (("CustomerID", "X1"), ("DOB", "yesterday"), ("Country", "Nederland"))),
    ]  # fmt: skip
    second[5:5] = [Bad((("wrong_type", "updated_at"),), sample[20], (("CustomerID", "C90006"), ("UpdatedAt", "soon")))]
    return [
        SourceFile("crm/customers_2026-09.csv", "crm_customers", "monthly", tuple(first)),
        SourceFile("crm/customers_2026-10.csv", "crm_customers", "monthly", tuple(second)),
    ]


def _customer(person: Person, updated_at: datetime, random_numbers: random.Random) -> Customer:
    assert person.crm_id is not None
    return Customer(
        person.crm_id, person.first_name, person.last_name, person.birth_date, typed(person.email, random_numbers),
        dialled(person.phone, random_numbers), person.city, person.country, person.status, person.consents, updated_at,
    )  # fmt: skip


def _changed(customer: Customer, **changes: object) -> Customer:
    return Customer(**{**vars(customer), **changes})


def loyalty_file(people: list[Person]) -> SourceFile:
    """One Parquet file; a wrong row is one whose values a column can hold."""
    rows: list[Fact | Bad] = []
    for person in people:
        if person.card is None:
            continue
        rows.append(Card(
            person.card, person.crm_id if person.card_knows_customer else None,
            person.card_email.upper() if person.card_email and person.number % 9 == 0 else person.card_email, person.first_name,
            person.last_name, person.birth_date, person.tier, person.points, person.joined_on, person.interests,
            utc(2026, 9, 20, 3) + timedelta(minutes=31 * person.number),
        ))  # fmt: skip
    sample = [row for row in rows if isinstance(row, Card)]
    rows[40:40] = [
        Bad((("missing_required", "loyalty_id"),), sample[1], (("card", None),)),
        Bad((("unknown_value", "loyalty.tier"),), sample[2], (("card", "L990002"), ("level", "platinum"))),
        Bad((("out_of_range", "loyalty.points"),), sample[3], (("card", "L990003"), ("points", -5))),
    ]
    return SourceFile("loyalty/cards.parquet", "loyalty_cards", "export", tuple(rows))


def order_files(people: list[Person], random_numbers: random.Random) -> list[SourceFile]:
    """A gzip history and a file a month; October came twice under two names, and repeats one order of September."""
    orders: list[Order] = []
    for person in people:
        for _ in range(_number_of_orders(person, random_numbers)):
            days, seconds = int(560 * random_numbers.random() ** 1.6) + 1, random_numbers.randrange(8 * 3600, 20 * 3600)
            orders.append(_order(person, days_before(AS_OF, days) + timedelta(seconds=seconds), random_numbers))
    for person in people[:80]:
        # at the till without card: nobody knows who it was
        orders.append(
            Order("", days_before(AS_OF, person.number % 60 + 1, -36_000), "store", "bags", 1, Decimal("19.95"))
        )
    edges = {
        "after_month_end": local(2026, 11, 1, 0, 30),      # still October in UTC, not on the shop's clock
        "before_month_start": local(2026, 10, 1, 0, 15),   # still September in UTC
        "window_edge": days_before(AS_OF, 30),             # exactly 30 days before: outside of the window
        "future": local(2026, 11, 1, 2),                   # after as_of: it counts when its time comes
    }  # fmt: skip
    for name, number in cast.MIDNIGHT.items():
        orders.append(Order("", edges[name], "online", "tents", 1, Decimal("49.50"), email=people[number].email))
    orders.sort(
        key=lambda order: (order.ordered_at, order.channel, order.crm_id or "", order.card or "", order.email or "")
    )
    orders = [Order(**{**vars(order), "order_id": f"O{number:05}"}) for number, order in enumerate(orders, start=1)]
    by_month: dict[str, list[Fact | Bad]] = {}
    for order in orders:
        month = order.ordered_at.strftime("%Y-%m")
        by_month.setdefault("history" if month < "2026-08" else min(month, "2026-10"), []).append(order)
    some = [row for row in by_month["2026-09"] if isinstance(row, Order)]
    by_month["2026-10"].insert(3, some[-1])
    by_month["2026-09"][2:2] = [
        Bad((("wrong_type", "amount"),), some[0], (("order_id", "O90001"), ("amount", "12,50"))),
        Bad((("missing_required", "order_id"),), some[1], (("order_id", None),)),
        Bad(
            (("unknown_value", "channel"), ("out_of_range", "quantity")),
            some[2],
            (("order_id", "O90003"), ("channel", "fax"), ("quantity", 0)),
        ),
    ]
    by_month["history"][9:9] = [
        Bad((("ragged_row", ""),), some[3], line="O90004;2026-03-01 10:00:00;store;shoes;1;10.00;;;;;surplus"),
        Bad((("wrong_type", "ordered_at"),), some[4], (("order_id", "O90005"), ("order_time", "2026-13-40 10:00:00"))),
    ]
    files = [
        SourceFile("orders/history/orders_until_2026-07.csv.gz", "orders", "history", tuple(by_month.pop("history")))
    ]
    for month, rows in sorted(by_month.items()):
        files.append(SourceFile(f"orders/monthly/orders_{month}.csv", "orders", "daily", tuple(rows)))
    last = files[-1]
    files.append(SourceFile(last.path.replace(".csv", "_again.csv"), "orders", "daily", last.rows, copy_of=last.path))
    return files


def _number_of_orders(person: Person, random_numbers: random.Random) -> int:
    if person.number in cast.MIDNIGHT.values():
        return 0
    return random_numbers.choice((0, 0, 1, 1, 2, 3, 4, 5, 8))


def _order(person: Person, when: datetime, random_numbers: random.Random) -> Order:
    amount = Decimal(random_numbers.randrange(995, 16_000)) / 100
    category = random_numbers.choice(CATEGORIES[:1] * 3 + CATEGORIES)
    quantity = random_numbers.choice((1, 1, 1, 2, 3))
    email = person.email or person.card_email
    if email is not None and random_numbers.random() < 0.5:
        ecid = random_numbers.choice(person.browsers) if person.browsers and random_numbers.random() < 0.5 else None
        return Order("", when, "online", category, quantity, amount, email=typed(email, random_numbers), ecid=ecid)
    if person.card is not None and random_numbers.random() < 0.8:
        return Order("", when, "store", category, quantity, amount, card=person.card)
    return Order("", when, "store", category, quantity, amount, crm_id=person.crm_id)


def web_files(people: list[Person], random_numbers: random.Random) -> list[SourceFile]:
    """Two months of clicks: of people's browsers, of the shop's tablet, and of browsers that belong to nobody."""
    clicks: list[Click] = []
    for person in people:
        for ecid in person.browsers:
            clicks += _visits(ecid, person.email or person.card_email, 3, random_numbers)
    for _ in range(60):
        clicks += _visits(cast.browser(random_numbers), None, 1, random_numbers)
    clicks += _visits("anonymous", None, 2, random_numbers)  # a cookie that was refused
    clicks += _visits(None, None, 1, random_numbers)
    for number in cast.SHOP_TABLET:
        when = utc(2026, 10, 10, 9 + number - cast.SHOP_TABLET[0])
        clicks.append(_click(when, "checkout", None, cast.TABLET_BROWSER, people[number].email, random_numbers))
    for number in cast.SHARED_LAPTOP:
        when = utc(2026, 10, 12, 18 + number)
        clicks.append(_click(when, "checkout", None, people[number].browsers[0], people[number].email, random_numbers))
    clicks.sort(key=lambda click: (click.ts, click.ecid or "", click.type))
    clicks = [Click(**{**vars(click), "event_id": f"W{number:06}"}) for number, click in enumerate(clicks, start=1)]
    months: dict[str, list[Fact | Bad]] = {}
    for click in clicks:
        months.setdefault(click.ts.strftime("%Y-%m"), []).append(click)
    months["2026-10"][50:50] = [
        Bad((("missing_required", "ts"),), clicks[5], (("event_id", "W900001"), ("ts", None))),
        Bad((("unknown_value", "type"),), clicks[6], (("event_id", "W900002"), ("type", "pageview"))),
        Bad((("unreadable_record", ""),), clicks[7], line='{"event_id": "W900003", "ts": "2026-10-'),
    ]
    return [
        SourceFile(f"web/clicks_{month}.jsonl", "web_events", "clicks", tuple(rows))
        for month, rows in sorted(months.items())
    ]


def _visits(ecid: str | None, email: str | None, most: int, random_numbers: random.Random) -> list[Click]:
    clicks = []
    for _ in range(random_numbers.randrange(1, most + 1)):
        when = days_before(AS_OF, int(60 * random_numbers.random() ** 1.5) + 1) + timedelta(
            seconds=random_numbers.randrange(80_000)
        )
        steps = random_numbers.choice((1, 2, 3, 4, 5))
        category = random_numbers.choice(CATEGORIES)
        for step in range(steps):
            kind = ("page_view", "product_view", "product_view", "add_to_cart", "checkout")[step]
            at = when + timedelta(seconds=40 * step + random_numbers.randrange(30))
            clicks.append(_click(at, kind, category, ecid, email if kind == "checkout" else None, random_numbers))
    return clicks


def _click(
    when: datetime, kind: str, category: str | None, ecid: str | None, email: str | None, random_numbers: random.Random
) -> Click:
    skus = (
        (f"{category}-{random_numbers.randrange(1, 30):02}",)
        if category and kind in ("product_view", "add_to_cart")
        else ()
    )
    device = random_numbers.choice(("phone", "tablet", "desktop"))
    return Click("", when, kind, PAGES[kind], category if kind != "page_view" else None, skus, device, "nl",
                 ecid, typed(email, random_numbers))  # fmt: skip


def typed(email: str | None, random_numbers: random.Random) -> str | None:
    """An address in the spelling of the day: capitals, blanks around it."""
    if email is None or random_numbers.random() < 0.75:
        return email
    return random_numbers.choice((email.upper(), email.title(), f" {email} ", f"{email.upper()} "))


def dialled(phone: str | None, random_numbers: random.Random) -> str | None:
    """A number in one of the ways in which people write it."""
    if phone is None:
        return None
    return random_numbers.choice(
        (phone, f"{phone[:3]} {phone[3:7]} {phone[7:]}", f"00{phone[1:]}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}")
    )
