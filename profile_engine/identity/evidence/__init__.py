"""Evidence: why identifiers are one person, told from the links of a cluster; pure Python over small graphs."""
