"""The sample shop as the tests see it: its folder, its truth, and the people and files behind it."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from sample_data.facts import SourceFile
from sample_data.generate import SEED
from sample_data.people import Person, make_people
from sample_data.sources import make_files

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "sample_data"


@cache
def shop_truth() -> dict[str, Any]:
    return json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


@cache
def files_and_people() -> tuple[list[SourceFile], list[Person]]:
    random_numbers = random.Random(SEED)
    people = make_people(random_numbers)
    return make_files(people, random_numbers), people
