"""Segments: who is in, who entered, who left and why, evaluated for those whose answers can have changed."""
