"""Destinations: who is to go where, with which attributes and identifiers, and what became of each delivery."""
