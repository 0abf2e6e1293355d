"""Profiles: a person's fragments merged into one row a merge policy, computed attributes, and the timeline of their events."""
