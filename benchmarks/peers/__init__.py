"""What others do with the same work on the same data."""
