"""A telephone number as E.164 by libphonenumber; `phone:DE` reads numbers without a country code as German ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

NAME = "phone"
EXAMPLES = {
    None: {"+49 (30) 123456": "+4930123456", "tel:+247-62889": "+24762889", "030 123456": None, "call me": None},
    "DE": {"030 123456": "+4930123456", "0049 30 123456": "+4930123456", "": None},
}


def takes_option(option: str) -> bool:
    """Regions are ISO 3166 codes of two capital letters, as libphonenumber knows them."""
    import phonenumbers

    return option in phonenumbers.SUPPORTED_REGIONS


def normalised(column: Column, option: str | None = None) -> Column:
    from profile_engine.schemas.phone_numbers import numbers_of_texts

    return numbers_of_texts(column, option)


def normalised_items(column: Column, option: str | None = None) -> Column:
    from profile_engine.schemas.phone_numbers import numbers_of_lists

    return numbers_of_lists(column, option)


def normalised_value(text: str, option: str | None = None) -> str | None:
    """Null for what is no possible number; whether the number is in use is not asked (plans change faster than data)."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, option)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
