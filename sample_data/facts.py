"""What the sources say: one fact a row that the engine should accept, one `Bad` a row that it should refuse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

SHOP_TIME = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class Customer:
    """A version of a customer in the CRM; times are UTC."""

    crm_id: str
    first_name: str
    last_name: str
    birth_date: date
    email: str | None
    phone: str | None
    city: str
    country: str
    status: str
    consents: tuple[str | None, str | None, str | None]
    updated_at: datetime


@dataclass(frozen=True)
class Card:
    """A loyalty card."""

    card: str
    crm_id: str | None
    email: str | None
    first_name: str
    last_name: str
    birth_date: date
    level: str
    points: int
    joined_on: date
    interests: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True)
class Order:
    """An order; identifiers as typed."""

    order_id: str
    ordered_at: datetime
    channel: str
    category: str
    quantity: int
    amount: Decimal
    crm_id: str | None = None
    card: str | None = None
    email: str | None = None
    ecid: str | None = None


@dataclass(frozen=True)
class Click:
    """An event of the web shop."""

    event_id: str
    ts: datetime
    type: str
    page: str
    category: str | None
    skus: tuple[str, ...]
    device: str
    language: str
    ecid: str | None
    email: str | None = None


Fact = Customer | Card | Order | Click


@dataclass(frozen=True)
class Bad:
    """A row to be refused. `near` is the fact it was meant to be; `cells` replaces cells of the written row; `line`
    replaces the whole line."""

    reasons: tuple[tuple[str, str], ...]
    """Each (code, path), in the order of the schema's fields."""
    near: Fact
    cells: tuple[tuple[str, object], ...] = ()
    line: str | None = None


@dataclass(frozen=True)
class SourceFile:
    """One file: its dataset and source as in conf/datasets, and its rows in order."""

    path: str
    dataset: str
    source: str
    rows: tuple[Fact | Bad, ...]
    copy_of: str | None = None


def shop_time(fact_time: datetime) -> str:
    """As the tills and the CRM write it: local, without a zone."""
    return fact_time.astimezone(SHOP_TIME).strftime("%Y-%m-%d %H:%M:%S")


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo("UTC"))


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A time on the shop's clock, as UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=SHOP_TIME).astimezone(ZoneInfo("UTC"))


def days_before(when: datetime, days: int, seconds: int = 0) -> datetime:
    return when - timedelta(days=days, seconds=seconds)
