"""Identity: which identifiers are one person, why, and under which profile id; today, and at any time it was ever told."""
