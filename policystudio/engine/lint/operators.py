"""The condition operators: their families, and which types of keys each fits."""

from policystudio.engine.catalog.types import KeyType

FAMILIES = {
    **dict.fromkeys(
        (
            "stringequals",
            "stringnotequals",
            "stringequalsignorecase",
            "stringnotequalsignorecase",
            "stringlike",
            "stringnotlike",
        ),
        "String",
    ),
    **dict.fromkeys(
        (
            "numericequals",
            "numericnotequals",
            "numericlessthan",
            "numericlessthanequals",
            "numericgreaterthan",
            "numericgreaterthanequals",
        ),
        "Numeric",
    ),
    **dict.fromkeys(
        (
            "dateequals",
            "datenotequals",
            "datelessthan",
            "datelessthanequals",
            "dategreaterthan",
            "dategreaterthanequals",
        ),
        "Date",
    ),
    "bool": "Bool",
    "binaryequals": "Binary",
    "ipaddress": "IpAddress",
    "notipaddress": "IpAddress",
    **dict.fromkeys(("arnequals", "arnlike", "arnnotequals", "arnnotlike"), "Arn"),
    "null": "Null",
}

LIKE = frozenset({"stringlike", "stringnotlike", "arnequals", "arnlike", "arnnotequals", "arnnotlike"})

#: The families that fit a key of each type. An ARN is a text, so texts can be compared with it.
FITTING = {
    KeyType.STRING: frozenset({"String"}),
    KeyType.ARN: frozenset({"Arn", "String"}),
    KeyType.BOOL: frozenset({"Bool"}),
    KeyType.NUMERIC: frozenset({"Numeric"}),
    KeyType.DATE: frozenset({"Date"}),
    KeyType.IP_ADDRESS: frozenset({"IpAddress"}),
    KeyType.BINARY: frozenset({"Binary"}),
}
