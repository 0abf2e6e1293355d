"""What people and machines see of a run: log lines, progress, the closing table."""
