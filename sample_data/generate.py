"""Makes the sample shop anew: `python -m sample_data.generate [--into FOLDER]`; the same seed gives the same files."""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from sample_data import people as cast
from sample_data.audiences import SEGMENTS, computed_figures, delivered
from sample_data.file_formats import write_file
from sample_data.people import make_people
from sample_data.sources import AS_OF, make_files
from sample_data.truth import current_facts, files_read, identifiers_of, profiles_of, revenue

SEED = 2026
CASES = {
    "shared_laptop": cast.SHARED_LAPTOP, "reused_phone": cast.REUSED_PHONE, "shop_tablet": cast.SHOP_TABLET,
    "switchboard": cast.SWITCHBOARD, "office_address": cast.OFFICE_ADDRESS, "typo": cast.TYPO,
    "placeholder": cast.PLACEHOLDER, "late_version": (cast.LATE_VERSION,),
    "no_address": (cast.NO_ADDRESS,),
    **{name: (number,) for name, number in cast.MIDNIGHT.items()},
}  # fmt: skip


def generate(folder: Path, seed: int = SEED) -> dict[str, object]:
    """Writes all files and truth.json below `folder`, and returns the truth."""
    random_numbers = random.Random(seed)
    people = make_people(random_numbers)
    files = make_files(people, random_numbers)
    for file in files:
        write_file(folder, file)
    facts = current_facts(files)
    profiles = profiles_of(facts)
    truth: dict[str, object] = {
        "as_of": AS_OF.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "people": len(people),
        "files": files_read(files),
        "landed": {name: sum(type(fact).__name__ == kind for fact in facts) for name, kind in
                   (("crm_customers", "Customer"), ("loyalty_cards", "Card"), ("orders", "Order"), ("web_events", "Click"))},
        "no_identity": sum(not identifiers_of(fact) for fact in facts),
        "identifiers": sum(len(profile.identifiers) for profile in profiles),
        "profiles": len(profiles),
        "largest_profile": max(len(profile.identifiers) for profile in profiles),
        "people_with_two_crm_ids": sum(sum(name == "crm_id" for name, _ in p.identifiers) > 1 for p in profiles),
        "segments": {segment: sum(map(rule, profiles)) for segment, rule in SEGMENTS.items()},
        "computed": computed_figures(profiles),
        "destinations": delivered(profiles),
        "revenue": str(revenue(facts)),
        "cases": {case: [people[number].crm_id for number in numbers] for case, numbers in CASES.items()},
    }  # fmt: skip
    (folder / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return truth


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--into", type=Path, default=Path(__file__).parent, help="folder that receives the files")
    arguments.add_argument("--seed", type=int, default=SEED)
    given = arguments.parse_args()
    truth = generate(given.into, given.seed)
    print(f"{truth['people']} people, {truth['profiles']} profiles expected; files and truth.json are in {given.into}")


if __name__ == "__main__":
    main()
