"""PRIVATE_IP_ADDRESS…, PRIVATE_NOT_IP_ADDRESS…, IMPROVE_IP_RANGE: ranges of addresses in conditions."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document, Node

_PRIVATE = tuple(ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
_OPERATORS = {"ipaddress": "PRIVATE_IP_ADDRESS", "notipaddress": "PRIVATE_NOT_IP_ADDRESS"}


def check(document: Document) -> Iterator[Report]:
    """Private addresses for aws:SourceIp, which is always a public one, and ranges with bits behind their mask."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.base in _OPERATORS:
                ranges = [(value, found) for value in condition.values if (found := _range(value)) is not None]
                yield from _improvable(ranges)
                if condition.name == "aws:sourceip":
                    yield from _private(condition, ranges)


def _range(value: Node) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(value.text, strict=False)
    except ValueError:
        return None


def _improvable(ranges: list[tuple[Node, IPv4Network | IPv6Network]]) -> Iterator[Report]:
    for value, network in ranges:
        try:
            ip_network(value.text)
        except ValueError:
            message = f"The bits of the address behind the mask are ignored: replace it with `{network}`."
            yield "IMPROVE_IP_RANGE", message, at(value)


def _private(condition: Condition, ranges: list[tuple[Node, IPv4Network | IPv6Network]]) -> Iterator[Report]:
    private = [value for value, network in ranges if any(_within(network, each) for each in _PRIVATE)]
    if not private:
        return
    code = _OPERATORS[condition.base]
    if len(private) == len(condition.values):
        message = "aws:SourceIp works only for public IP address ranges, and all of these are private."
        yield code, message, at(condition.value)
    else:
        message = "aws:SourceIp works only for public IP address ranges: for private ones use aws:VpcSourceIp."
        yield f"{code}_SUBSET", message, at(*private)


def _within(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)


RULE = Rule(
    "Addresses",
    {
        "PRIVATE_IP_ADDRESS": FindingType.ERROR,
        "PRIVATE_NOT_IP_ADDRESS": FindingType.ERROR,
        "PRIVATE_IP_ADDRESS_SUBSET": FindingType.SUGGESTION,
        "PRIVATE_NOT_IP_ADDRESS_SUBSET": FindingType.SUGGESTION,
        "IMPROVE_IP_RANGE": FindingType.SUGGESTION,
    },
    check,
)
