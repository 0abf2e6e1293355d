"""The words of the table `identity_change`: what happened to a profile id in a run."""

from __future__ import annotations

MINTED, MERGED_INTO, SPLIT_FROM, MOVED = "minted", "merged_into", "split_from", "moved"
