"""What the files of a project say about each other, checked: every name that one uses must be given by another."""
