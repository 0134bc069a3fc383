"""What each condition operator makes of one value of the policy and one of the request."""

from decimal import Decimal

import pytest

from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import condition_holds
from policystudio.engine.conditions.addresses import network
from policystudio.engine.conditions.dates import instant
from policystudio.engine.conditions.numerics import number
from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.request import Context


def holds(operator: str, wanted: str | tuple[str, ...], given: str) -> bool:
    # Built by hand: the parser refuses some of the values whose meaning is tested here.
    values = (wanted,) if isinstance(wanted, str) else wanted
    condition = Condition(Quantifier.NONE, operator, False, "x:one", values)
    return condition_holds(condition, Context({"x:one": given}), ConditionKeys(()), True)


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        ("StringEquals", "ml", "ml", True),
        ("StringEquals", "ml", "ML", False),
        ("StringEquals", "m*", "ml", False),
        ("StringEquals", "m*", "m*", True),
        ("StringEquals", "", "", True),
        ("StringEquals", "ml", "ml ", False),
        ("StringEqualsIgnoreCase", "Straße", "STRASSE", True),
        ("StringEqualsIgnoreCase", "STRASSE", "straße", True),
        ("StringEqualsIgnoreCase", "ml", "ML", True),
        ("StringEqualsIgnoreCase", "m*", "ML", False),
        ("StringLike", "ml.*", "ml.t3.medium", True),
        ("StringLike", "ml.*", "ML.t3.medium", False),
        ("StringLike", "*", "", True),
        ("StringLike", "?", "", False),
        ("StringLike", "?*", "a", True),
        ("StringLike", "a*c:d?", "ab:c:dx", True),
        ("StringLike", "ml", "xml", False),
        ("StringLike", "ml${*}", "ml*", True),
        ("StringLike", "ml${*}", "mlx", False),
        ("StringLike", "a\nb*", "a\nbc", True),
    ],
)
def test_strings(operator: str, wanted: str, given: str, expected: bool) -> None:
    assert holds(operator, wanted, given) is expected
    negated = operator.replace("String", "StringNot")
    assert holds(negated, wanted, given) is not expected


@pytest.mark.parametrize(
    ("given", "smaller", "equal"),
    [
        ("5", False, True),
        ("5.0", False, True),
        ("+5", False, True),
        ("05", False, True),
        ("0.5e1", False, True),
        ("4.999999999999999999999999999999999999999", True, False),
        ("5.000000000000000000000000000000000000001", False, False),
        ("-5", True, False),
        ("10", False, False),
        (".5", True, False),
    ],
)
def test_numbers(given: str, smaller: bool, equal: bool) -> None:
    assert holds("NumericLessThan", "5", given) is smaller
    assert holds("NumericLessThanEquals", "5", given) is (smaller or equal)
    assert holds("NumericEquals", "5", given) is equal
    assert holds("NumericNotEquals", "5", given) is not equal
    assert holds("NumericGreaterThan", "5", given) is not (smaller or equal)
    assert holds("NumericGreaterThanEquals", "5", given) is not smaller


@pytest.mark.parametrize(
    "text", ["", "five", "NaN", "Infinity", "1_000", " 5", "5 ", "٥", "0x5", "1,000", ".", "1e", "--5"]
)
def test_what_is_no_number_matches_nothing(text: str) -> None:
    assert number(text) is None
    for operator in ("NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThanEquals"):
        assert not holds(operator, "5", text)
        assert not holds(operator, text, "5")
    assert not holds("NumericNotEquals", "5", text)
    assert not holds("NumericNotEquals", text, "5")


def test_numbers_are_exact() -> None:
    assert number("0.1") == Decimal("0.1")
    assert not holds("NumericEquals", "9007199254740993", "9007199254740992")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970", "0"),
        ("1970-01", "0"),
        ("1970-01-01", "0"),
        ("1970-01-01T00:00Z", "0"),
        ("1970-01-01T00:01Z", "60"),
        ("1970-01-01T00:00:01Z", "1"),
        ("1970-01-01T00:00:01.5Z", "1.5"),
        ("1970-01-01T00:00:00.000000000001Z", "0.000000000001"),
        ("1970-01-01T01:00+01:00", "0"),
        ("1970-01-01T00:00:00-01:30", "5400"),
        ("1969-12-31T23:59:59Z", "-1"),
        ("1969-12-31T23:59:59.25Z", "-0.75"),
        ("2026-02-28T23:59:59+00:00", "1772323199"),
        ("2024-02-29", "1709164800"),
        ("0", "0"),
        ("1767225600", "1767225600"),
        ("1767225600.25", "1767225600.25"),
        ("-1", "-1"),
        ("2026", "1767225600"),
    ],
)
def test_instants(text: str, seconds: str) -> None:
    assert instant(text) == Decimal(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2026-13",
        "2026-02-30",
        "2026-1-1",
        "2026-01-01T10:00",
        "2026-01-01T10:00:00",
        "2026-01-01T24:00Z",
        "2026-01-01T10:60Z",
        "2026-01-01T10:00:60Z",
        "2026-01-01T10Z",
        "2026-01-01T10:00Z ",
        "2026-01-01 10:00:00Z",
        "2026-01-01T10:00:00+24:00",
        "2026-01-01T10:00:00+0100",
        "2026-01-01T10:00:00.Z",
        "20260101T100000Z",
        "0000-01-01",
        "1e9",
    ],
)
def test_what_is_no_date_matches_nothing(text: str) -> None:
    assert instant(text) is None
    for operator in ("DateEquals", "DateLessThan", "DateGreaterThan", "DateGreaterThanEquals"):
        assert not holds(operator, "2026-01-01", text)
        assert not holds(operator, text, "2026-01-01")
    assert not holds("DateNotEquals", "2026-01-01", text)
    assert not holds("DateNotEquals", text, "2026-01-01")


@pytest.mark.parametrize(
    ("given", "earlier", "equal"),
    [
        ("2026-06-01T12:00:00Z", False, True),
        ("2026-06-01T14:00:00+02:00", False, True),
        ("1780315200", False, True),
        ("2026-06-01T11:59:59.999Z", True, False),
        ("2026-06-01T12:00:00.001Z", False, False),
        ("2026-06-01", True, False),
        ("2026-06-01T12:00:00-01:00", False, False),
    ],
)
def test_dates(given: str, earlier: bool, equal: bool) -> None:
    wanted = "2026-06-01T12:00:00Z"
    assert holds("DateLessThan", wanted, given) is earlier
    assert holds("DateLessThanEquals", wanted, given) is (earlier or equal)
    assert holds("DateEquals", wanted, given) is equal
    assert holds("DateNotEquals", wanted, given) is not equal
    assert holds("DateGreaterThan", wanted, given) is not (earlier or equal)
    assert holds("DateGreaterThanEquals", wanted, given) is not earlier


@pytest.mark.parametrize(
    ("wanted", "given", "expected"),
    [
        ("true", "true", True),
        ("true", "TRUE", True),
        ("False", "false", True),
        ("true", "false", False),
        ("true", "1", False),
        ("1", "1", False),
        ("", "", False),
    ],
)
def test_booleans(wanted: str, given: str, expected: bool) -> None:
    assert holds("Bool", wanted, given) is expected


@pytest.mark.parametrize(
    ("wanted", "given", "expected"),
    [
        ("YQ==", "YQ==", True),
        ("YQ==", "YR==", True),  # the bits behind the last byte do not count
        ("YQ==", "Yg==", False),
        ("YQ==", "YQ", False),
        ("YQ", "YQ", False),
        ("not base64", "not base64", False),
        ("ü===", "ü===", False),
    ],
)
def test_binary_values(wanted: str, given: str, expected: bool) -> None:
    assert holds("BinaryEquals", wanted, given) is expected


@pytest.mark.parametrize(
    ("wanted", "given", "expected"),
    [
        ("203.0.113.0/24", "203.0.113.0", True),
        ("203.0.113.0/24", "203.0.113.255", True),
        ("203.0.113.0/24", "203.0.114.0", False),
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7/24", "203.0.113.200", True),
        ("0.0.0.0/0", "198.51.100.1", True),
        ("0.0.0.0/0", "2001:db8::1", False),
        ("::/0", "198.51.100.1", False),
        ("::/0", "2001:db8::1", True),
        ("2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", True),
        ("2001:db8::1", "2001:DB8:0:0:0:0:0:1", True),
        ("2001:db8::1", "2001:db8::2", False),
        ("203.0.113.0/24", "::ffff:203.0.113.1", False),
        ("203.0.113.0/24", "203.0.113.0/24", None),
        ("203.0.113.0/33", "203.0.113.0", None),
        ("203.0.113.0/255.255.255.0", "203.0.113.1", None),
        ("203.0.113.0/", "203.0.113.0", None),
        ("203.0.113", "203.0.113.0", None),
        ("fe80::1%eth0", "fe80::1", None),
        ("fe80::/10", "fe80::1%eth0", None),
        ("*", "203.0.113.0", None),
        ("203.0.113.0/24", "", None),
    ],
)
def test_addresses(wanted: str, given: str, expected: bool | None) -> None:
    """None: one of the two is no address or range, so neither operator holds."""
    assert holds("IpAddress", wanted, given) is (expected is True)
    assert holds("NotIpAddress", wanted, given) is (expected is False)


def test_a_bare_address_is_a_range_of_one() -> None:
    assert network("192.0.2.1") == network("192.0.2.1/32")
    assert network("2001:db8::1") == network("2001:db8::1/128")


ROLE = "arn:aws:iam::111122223333:role/team/Analyst"


@pytest.mark.parametrize(
    ("wanted", "given", "expected"),
    [
        (ROLE, ROLE, True),
        (ROLE, ROLE.replace("Analyst", "analyst"), False),
        ("arn:aws:iam::*:role/*", ROLE, True),
        ("arn:*:iam::111122223333:role/*", ROLE, True),
        ("arn:aws:iam::1111?2223333:role/team/*", ROLE, True),
        ("arn:aws:iam::1111?2223333:role/team/?", ROLE, False),
        # A star stays in its part, but behind the fifth colon it crosses everything.
        ("arn:aws:*:role/team/Analyst", ROLE, None),
        ("arn:aws:iam:*:role/*", ROLE, None),
        ("arn:aws:*:*:*:*", ROLE, True),
        ("arn:aws:logs:*:*:log-group:*", "arn:aws:logs:eu-west-1:1:log-group:a:b", True),
        ("arn:aws:logs:*:*:*", "arn:aws:logs:eu-west-1:1:log-group:a:b", True),
        ("arn:?ws:iam::111122223333:role/team/Analyst", ROLE, True),
        ("arn:aws:iam:?:role/team/Analyst", ROLE, None),
        ("arn:aws:iam::111122223333:*", "arn:aws:iam::111122223333:", True),
        # Fewer than six parts cannot be compared.
        ("*", ROLE, None),
        ("arn:aws:iam::111122223333", "arn:aws:iam::111122223333", None),
        ("arn:aws:iam::*:*", "arn:aws:iam::111122223333", None),
        ("arn:aws:iam::111122223333:role/${*}", "arn:aws:iam::111122223333:role/*", True),
        ("arn:aws:iam::111122223333:role/${*}", ROLE, False),
    ],
)
def test_arns(wanted: str, given: str, expected: bool | None) -> None:
    """None: one of the two has fewer than six parts, so no operator holds."""
    for operator in ("ArnLike", "ArnEquals"):
        assert holds(operator, wanted, given) is (expected is True)
    for operator in ("ArnNotLike", "ArnNotEquals"):
        assert holds(operator, wanted, given) is (expected is False)


@pytest.mark.parametrize(
    ("operator", "bad", "good", "same", "other"),
    [
        ("NumericNotEquals", "five", "5", "5", "6"),
        ("DateNotEquals", "today", "2026-01-01", "2026-01-01", "2026-01-02"),
        ("NotIpAddress", "203.0.113.0/33", "203.0.113.0/24", "203.0.113.1", "192.0.2.1"),
        ("ArnNotLike", "*", ROLE, ROLE, ROLE + "2"),
    ],
)
def test_a_value_that_can_be_read_decides_beside_one_that_cannot(
    operator: str, bad: str, good: str, same: str, other: str
) -> None:
    assert not holds(operator, (bad, good), same)
    assert holds(operator, (bad, good), other)
    assert not holds(operator, (bad,), other)


def test_a_whole_arn_may_come_from_a_variable() -> None:
    condition = Condition(Quantifier.NONE, "ArnEquals", False, "x:one", ("${aws:PrincipalArn}",))
    context = Context({"x:one": ROLE, "aws:PrincipalArn": ROLE})
    assert condition_holds(condition, context, ConditionKeys(()), True)
