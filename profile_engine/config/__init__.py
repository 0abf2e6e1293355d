"""YAML documents with positions, models, units, secrets, environments and problems."""
