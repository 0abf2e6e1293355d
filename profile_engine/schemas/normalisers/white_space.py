"""The characters that count as white space around a value, the same for Spark and Python."""

from __future__ import annotations

# Spark's trim() takes blanks only and Python's strip() takes what its Unicode tables say, so the set is written out:
# ASCII and Unicode spaces and line ends, the no-break spaces that spreadsheets leave, zero-width space and byte order mark.
WHITE_SPACE = (
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
