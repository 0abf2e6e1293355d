"""Linking rules: what may be one person, replayed over the sightings of a component in the order of time.

A namespace that is `unique` has at most one value in a graph. Where a component of all links breaks that, its events are
replayed: each makes its links again, and links are taken in the order

    1. those of this event,  2. the smaller sum of priorities,  3. those seen last,  4. the better place in their event

and one that would bring two values of a unique namespace together is dropped, until it is seen again. An event that itself
holds two values of a unique namespace links nothing. Then a graph keeps at most `identifiers_per_profile` identifiers.
The first two keys are documented by Adobe ("Identity optimization algorithm" and "Namespace priority" under "Identity graph
linking rules", experienceleague.adobe.com), the third was inferred from the examples there, all of which it reproduces; the
fourth makes the order total, so that the answer depends on the sightings alone.

    rules.py           what a project's namespaces and stitching ask for
    live_links.py      the live links while events come in, and what an event drops
    replay.py          the sightings of one component to its links, each live or dropped with the reason
    identity_limit.py  which identifiers leave a graph that is too large
    frames.py          which components need it, and their replay, each in one task

**An incremental caller** must replay every component that it touched as a whole, from its first sighting: a late record, or
a link that was dropped, changes what came after it. Components are those of `frames.raw_links`: the live links and those
that rules dropped, but not those of values over their limit. A component of raw links that gained no sighting, no link and
no ruling keeps its links as they are.
"""
