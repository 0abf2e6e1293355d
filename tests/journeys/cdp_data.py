"""The folder of the customer data that was put together from public sets, and what exact matching must give on it."""

from __future__ import annotations

import csv
import json
import os
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.support.shared_data import shared

FILES = ("crm.csv", "loyalty.csv", "orders.csv", "web_events.jsonl", "expected.json", "truth.csv")
DEFAULT = shared("data/cdp_assembled")


class CdpData:
    """A folder of that shape: CDP_DATA, else the shared one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def found(cls) -> CdpData:
        """Skips the test where the data is not there."""
        folder = Path(os.environ.get("CDP_DATA") or DEFAULT).resolve()
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            pytest.skip(f"no {missing[0]} in {folder}; set CDP_DATA to a folder that has it")
        return cls(folder)

    @cached_property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.folder / "expected.json").read_text())

    @cached_property
    def truth(self) -> list[tuple[str, str, str]]:
        """Rows of (source, key, person)."""
        with (self.folder / "truth.csv").open(newline="", encoding="utf-8") as file:
            return [(row["source"], row["key"], row["person"]) for row in csv.DictReader(file)]

    @property
    def shared_browsers(self) -> list[str]:
        """The ecids that two people use."""
        return [key for source, key, person in self.truth if source == "ecid" and person == "shared"]

    @property
    def revenue(self) -> Decimal:
        return Decimal(str(self.expected["revenue_total"])).quantize(Decimal("0.01"))
