"""A telephone number as E.164 by libphonenumber; `phone:DE` reads numbers without a country code as German ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber
    from pyspark.sql import Column

NAME = "phone"
EXAMPLES = {
    None: {"+49 (30) 123456": "+4930123456", "tel:+247-62889": "+24762889", "030 123456": None, "call me": None,
           "+31000000000": None, "+1 253-0000": None, "+44 7700 900020": "+447700900020"},
    "DE": {"030 123456": "+4930123456", "0049 30 123456": "+4930123456", "": None, "170 1234567": "+491701234567",
           "0000000000": None, "123456": None, "2345678": None, "0234 5678": "+492345678"},
    "NL": {"020-1234567": "+31201234567", "201234567": "+31201234567", "612345678": "+31612345678", "0800 1234": "+318001234",
           "8001234": "+318001234", "0000000000": None, "000000000": None, "1234567": None, "2012345": None},
    "US": {"(650) 253-0000": "+16502530000", "253-0000": None, "555 123 4567": "+15551234567", "0000000000": None},
    "DK": {"12345678": "+4512345678"},
}  # fmt: skip
_LONGEST_LOCAL = 8
"""Digits of the longest number that is dialled within one city, without its area code."""


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
    """Null for what is no possible number, for zeros, and for what may be a number within some city: completed by the country
    code alone it would join strangers of different cities.

    Whether a number is in use is not asked of numbers that are written in full: the plans that libphonenumber knows are older
    than the newest ranges, and real data holds numbers outside of them.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(text, option, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    is_zero = number.national_number == 0
    if not possible or is_zero or (option is not None and _may_be_local(number, option)):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _may_be_local(number: PhoneNumber, region: str) -> bool:
    """Whether a number without country code may lack its area code too.

    libphonenumber tells local numbers by their length, which it cannot where numbers in full have several lengths (Germany,
    the Netherlands). There a number counts as full that has the national prefix (the 0 of 030), which nobody dials within a
    city; without it (spreadsheets take zeros away) one of the known plan that is no short fixed line, save where the plan
    writes fixed lines without prefix (Mongolia).
    """
    import phonenumbers

    if number.country_code_source != phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY:
        return False
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if (
        plan is None
        or not plan.national_prefix
        or plan.general_desc is None
        or len(plan.general_desc.possible_length) == 1
    ):
        return False
    digits = phonenumbers.national_significant_number(number)
    if not phonenumbers.normalize_digits_only(number.raw_input or "").startswith(digits):
        return False  # the national prefix was there and has been taken off
    if not phonenumbers.is_valid_number(number):
        return True
    in_full = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    is_short = len(digits) <= _LONGEST_LOCAL and phonenumbers.normalize_digits_only(in_full) != digits
    of_cities = {phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    return is_short and phonenumbers.number_type(number) in of_cities
