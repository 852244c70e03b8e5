"""Countries of phone numbers: what a condition may name, and which regions it means."""

import re
from functools import cache

from babel import Locale
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS

_CODE = re.compile(r"\+?(\d{1,3})", re.ASCII)


def regions_of(value: str) -> tuple[str, ...]:
    """The ISO regions, folded, that a region code (`DE`), a calling code (`+49`) or an English name means; () for none.

    Source: the metadata of libphonenumber, and CLDR for names.
    """
    text = value.strip()
    code = _CODE.fullmatch(text)
    if code:
        found = COUNTRY_CODE_TO_REGION_CODE.get(int(code[1]), ())
        return tuple(sorted(region.lower() for region in found if region != "001"))
    if text.upper() in SUPPORTED_REGIONS:
        return (text.lower(),)
    region = _by_name().get(text.casefold())
    return (region.lower(),) if region else ()


@cache
def _by_name() -> dict[str, str]:
    names = Locale("en").territories
    return {names[region].casefold(): region for region in SUPPORTED_REGIONS if region in names}
