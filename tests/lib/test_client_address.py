"""The address of the client: what a trusted proxy says counts, what the client writes does not."""

import pytest
from django.test import RequestFactory

from policystudio.lib.client_address import client_address


@pytest.mark.parametrize(
    ("trusted", "forwarded", "peer", "expected"),
    [
        (0, None, "203.0.113.9", "203.0.113.9"),
        (0, "198.51.100.1", "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (1, "8.8.8.8, 198.51.100.1", "10.0.0.1", "198.51.100.1"),
        (2, "8.8.8.8, 198.51.100.1, 10.0.0.2", "10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1", "10.0.0.1"),
        (1, None, "10.0.0.1", ""),
        (1, "not an address", "10.0.0.1", ""),
        (1, "2001:DB8::1", "10.0.0.1", "2001:db8::1"),
        (0, None, "", ""),
    ],
)
def test_the_client_is_as_many_places_from_the_right_as_there_are_proxies(
    settings, trusted: int, forwarded: str | None, peer: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers)) == expected
