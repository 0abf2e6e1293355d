"""Facts as the bytes of files: CSV as the CRM and the tills write it, gzip, JSON lines and Parquet."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sample_data.facts import Bad, Card, Click, Customer, Fact, Order, SourceFile, shop_time

CARD_COLUMNS = pa.schema(
    [
        ("card", pa.string()), ("crm_id", pa.string()), ("email", pa.string()), ("first_name", pa.string()),
        ("last_name", pa.string()), ("birth_date", pa.date32()), ("level", pa.string()), ("points", pa.int64()),
        ("joined_on", pa.date32()), ("interests", pa.list_(pa.string())), ("updated_at", pa.timestamp("us", tz="UTC")),
    ]
)  # fmt: skip


def write_file(folder: Path, file: SourceFile) -> None:
    """Writes one file below `folder`; the same rows give the same bytes (of Parquet: with the same pyarrow)."""
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [_cells(row) for row in file.rows]
    if file.path.endswith(".parquet"):
        cards = pa.Table.from_pylist([row for row in rows if isinstance(row, dict)], schema=CARD_COLUMNS)
        pq.write_table(cards, path, compression="zstd")
    elif file.path.endswith(".jsonl"):
        lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_bytes(("\n".join(lines) + "\n").encode())
    else:
        text = _csv(rows, "," if file.dataset == "crm_customers" else ";").encode()
        path.write_bytes(gzip.compress(text, mtime=0) if file.path.endswith(".gz") else text)


def _csv(rows: list[dict[str, object] | str], delimiter: str) -> str:
    header = next(list(row) for row in rows if isinstance(row, dict))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        if isinstance(row, str):
            text.write(row + "\n")
        else:
            writer.writerow(row)
    return text.getvalue()


def _cells(row: Fact | Bad) -> dict[str, object] | str:
    if not isinstance(row, Bad):
        return _written(row)
    return row.line if row.line is not None else {**_written(row.near), **dict(row.cells)}


def _written(fact: Fact) -> dict[str, object]:
    """The cells of a fact by column; None is an empty cell, or a null."""
    if isinstance(fact, Customer):
        advertising, email, analytics = fact.consents
        status = fact.status.upper() if fact.crm_id.endswith("5") else f" {fact.status.title()} "
        return {
            "CustomerID": fact.crm_id, "First": fact.first_name, "Last": fact.last_name,
            "DOB": fact.birth_date.strftime("%d/%m/%Y"), "Email": fact.email, "Phone": fact.phone, "City": fact.city,
            "Country": fact.country, "Status": status, "AdConsent": advertising, "EmailConsent": email,
            "AnalyticsConsent": analytics, "UpdatedAt": shop_time(fact.updated_at),
        }  # fmt: skip
    if isinstance(fact, Card):
        return {**vars(fact), "interests": list(fact.interests)}
    if isinstance(fact, Order):
        return {
            "order_id": fact.order_id, "order_time": shop_time(fact.ordered_at), "channel": fact.channel,
            "category": fact.category, "quantity": fact.quantity, "amount": f"{fact.amount:.2f}", "customer": fact.crm_id,
            "card": fact.card, "email": fact.email, "ecid": fact.ecid,
        }  # fmt: skip
    assert isinstance(fact, Click)
    written = {
        "event_id": fact.event_id, "ts": fact.ts.strftime("%Y-%m-%dT%H:%M:%SZ"), "type": fact.type, "page": fact.page,
        "category": fact.category, "skus": list(fact.skus), "device": {"kind": fact.device, "language": fact.language},
        "ecid": fact.ecid, "email": fact.email,
    }  # fmt: skip
    return {name: value for name, value in written.items() if value is not None or name == "ts"}
