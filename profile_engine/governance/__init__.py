"""Governance: consent, purposes and labels, and what they keep from leaving."""
