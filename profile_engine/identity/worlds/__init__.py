"""Made-up worlds whose truth is known, to score a project's identity rules before real people are at stake.

people.py       who lives in a world: their identifiers, and what they do
troubles.py     what goes wrong: households, shared devices, recycled phones, bots, typos, spellings, several cookies
world.py        a world from a seed: its events and its truth
pair_scores.py  precision and recall over pairs
scored.py       a rule set's graph of a world against the truth
"""
