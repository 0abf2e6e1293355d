"""Schemas: the shape of records and events, and the namespaces and values of identifiers."""
