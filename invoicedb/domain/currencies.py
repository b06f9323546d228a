"""ISO 4217 currency codes and their minor units: how many decimals an amount has.

Source: ISO 4217 list one (maintenance agency SIX), as of January 2026. Codes that are no money to be invoiced in (metals, bond
units, testing, "no currency") are left out. Codes withdrawn since 2023 stay: old invoices still come in.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
        "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
        "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
        "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG "
        "YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_WITHDRAWN = {2: "ANG BGN CUC HRK SLL ZWL"}

MINOR_UNITS: Mapping[str, int] = MappingProxyType(
    {code: decimals for table in (_DECIMALS, _WITHDRAWN) for decimals, codes in table.items() for code in codes.split()}
)
"""Currency code -> number of decimals of its minor unit."""
