"""Words that other languages use for our tests and conditions: what was meant where they are written here."""

from __future__ import annotations

from collections.abc import Collection

from profile_engine.config.problems import closest, did_you_mean

_TESTS: dict[str, tuple[str, ...]] = {
    "equals": ("is", "eq", "equal", "equal_to", "is_equal_to", "="),
    "differs_from": ("ne", "neq", "is_not", "isnt", "not_equal", "not_equals", "does_not_equal", "not", "unequal", "!=", "<>"),
    "one_of": ("in", "any_of", "is_in", "is_any_of", "is_one_of"),
    "none_of": ("nin", "not_in", "is_not_in", "not_any_of", "not_one_of", "is_none_of"),
    "above": ("gt", "greater", "greater_than", "more_than", "over", ">"),
    "at_least": ("ge", "gte", "greater_or_equal", "greater_than_or_equal", "minimum", "min", ">="),
    "below": ("lt", "less", "less_than", "fewer_than", "under", "<"),
    "at_most": ("le", "lte", "less_or_equal", "less_than_or_equal", "maximum", "max", "<="),
    "after": ("gt", "greater_than", "later_than", "newer_than", "since", "above", ">"),
    "before": ("lt", "less_than", "earlier_than", "until", "below", "<"),
    "longer_ago_than": ("older_than", "more_than_ago"),
    "within_last": ("last", "in_last", "in_the_last", "in_past"),
    "within_next": ("next", "in_next", "in_the_next"),
    "during": ("on", "in", "in_period"),
    "exists": ("is_not_null", "not_null", "is_not_empty", "not_empty", "is_set", "is_present", "present", "known"),
    "matches": ("regex", "regexp", "rlike", "pattern"),
    "starts_with": ("prefix", "begins_with"),
    "ends_with": ("suffix",),
    "length": ("len", "size", "characters"),
    "size": ("count", "len", "length"),
    "includes": ("contains", "has", "equals"),
    "includes_any": ("in", "one_of", "any_of", "contains_any", "has_any"),
    "includes_all": ("all_of", "contains_all", "has_all"),
    "has_key": ("has", "key", "contains", "includes"),
}  # fmt: skip
_CONDITIONS: dict[str, tuple[str, ...]] = {
    "all": ("and", "all_of", "every"),
    "any": ("or", "any_of", "either", "one_of"),
    "none": ("nor", "none_of", "neither"),
    "not": ("exclude", "except", "unless", "is_not"),
    "did": ("event", "events", "has_done", "has_event", "done"),
    "did_not": ("didnt", "not_did", "has_not_done", "no_event"),
    "in_segment": ("segment", "segments", "audience", "member_of", "in"),
    "compute": ("formula", "expression", "calculate"),
    "sequence": ("sequences", "steps", "then", "funnel"),
}  # fmt: skip
_ABSENT = (
    "is_null",
    "null",
    "is_missing",
    "missing",
    "is_empty",
    "empty",
    "is_not_set",
    "not_exists",
    "does_not_exist",
)
_NOT = ("does_not_", "do_not_", "is_not_", "not_")


def meant_test(word: str, known: Collection[str]) -> str | None:
    """A hint for a test that is not known, from its synonyms and then from what it looks like.

    A `not_` before a word that has no opposite of its own is never passed over: the word alone would say the reverse.
    """
    if word in _ABSENT and "exists" in known:
        return "write exists: false"
    found = _meant(word, _TESTS, known)
    if found is not None:
        return f"did you mean '{found}'?"
    for prefix in _NOT:
        if word.startswith(prefix):
            rest = word.removeprefix(prefix)
            positive = _meant(rest, _TESTS, known) or closest(rest, known)
            return None if positive is None else f"write '{positive}', and not: before the whole condition"
    return did_you_mean(word, known)


def other_word(word: str, known: Collection[str]) -> str | None:
    """Our word for a test that does not fit a kind of value, among those that do: `contains` is `includes` of an array."""
    return _meant(word, _TESTS, known)


def meant_condition(word: str, words: Collection[str], fields: Collection[str]) -> str | None:
    """A hint for a word that is neither a field nor one of the words for conditions."""
    found = _meant(word, _CONDITIONS, words)
    return f"did you mean '{found}'?" if found is not None else did_you_mean(word, (*fields, *words))


def _meant(word: str, synonyms: dict[str, tuple[str, ...]], known: Collection[str]) -> str | None:
    plain = word.lower().replace("-", "_").replace(" ", "_")
    return next((ours for ours, theirs in synonyms.items() if plain in theirs and ours in known), None)
