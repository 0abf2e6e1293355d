"""Computed attributes: figures over a person's events that are kept in the profile as `computed.<name>`."""
