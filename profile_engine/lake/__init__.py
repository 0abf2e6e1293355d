"""The lake: the only room that names Delta. It keeps tables, their releases, and the runs that write them."""
