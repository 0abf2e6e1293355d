"""Links that no shared identifier makes: records that Splink holds for one person (extra `[fuzzy]`).

    records.py          what is compared: a few attributes of the records of some datasets
    splink_matching.py  records to pairs with a probability; the only file that imports splink
    sightings.py        those pairs as sightings of the dataset `fuzzy`, so that every limit, rule and gate holds for them
    current_matches.py  the matches of a run

A link that only matching found carries its probability in `link.probability`; where a record shows both identifiers too, the
link is an exact one and has none.
"""
