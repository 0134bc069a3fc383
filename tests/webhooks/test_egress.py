"""Requests to addresses that users name: checked, pinned, bounded."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from policystudio.lib import egress
from policystudio.lib.egress import EgressError, Rules, check_url, post
from tests.webhooks.receiver import Receiver, dripping, receiving

LOOPBACK = [ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path) as found:
        yield found


def rules_for(receiver: Receiver, **changed: Any) -> Rules:
    return Rules(**{"networks": LOOPBACK, "ports": (receiver.port,), "ca_file": receiver.ca_file, **changed})


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name have these addresses; what was asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(egress.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_it_is_sent_and_answered(receiver: Receiver) -> None:
    answer = post(receiver.url, b"{}", {"X-One": "1"}, rules_for(receiver))
    assert (answer.status, answer.text) == (200, "thank you")
    (request,) = receiver.requests
    assert (request.path, request.body) == ("/hook?team=research", b"{}")
    assert request.headers["Host"] == f"localhost:{receiver.port}"
    assert request.headers["X-One"] == "1"


def test_without_leave_this_machine_is_not_asked(receiver: Receiver) -> None:
    with pytest.raises(EgressError, match="public addresses alone"):
        post(receiver.url, b"{}", {}, rules_for(receiver, networks=()))
    assert not receiver.requests


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("93.184.216.34", "10.0.0.1"),
        ("::ffff:127.0.0.1",),
        ("169.254.169.254",),
        ("64:ff9b::7f00:1", "93.184.216.34"),
        ("fe80::1%eth0",),
        (),
    ],
)
def test_one_address_that_is_not_public_is_enough(addresses: tuple[str, ...], monkeypatch) -> None:
    resolving(monkeypatch, *addresses)
    monkeypatch.setattr(egress, "_connection", lambda *_: pytest.fail("a connection was made"))
    with pytest.raises(EgressError, match="public addresses alone"):
        post("https://hook.example.com/", b"{}", {}, Rules())


def test_the_name_is_looked_up_once_and_that_address_is_asked(receiver: Receiver, monkeypatch) -> None:
    """A name server that answers otherwise the second time (DNS rebinding) is not asked a second time."""
    asked = resolving(monkeypatch, "127.0.0.1")
    assert post(receiver.url, b"{}", {}, rules_for(receiver)).status == 200
    assert asked == ["localhost", "127.0.0.1"]  # the second is a number already: no server is asked for it


def test_the_certificate_must_be_of_the_host(receiver: Receiver, monkeypatch) -> None:
    resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(EgressError, match="certificate is not valid"):
        post(f"https://other.example.com:{receiver.port}/", b"{}", {}, rules_for(receiver))
    assert not receiver.requests


def test_the_certificate_must_be_of_an_authority_that_is_trusted(receiver: Receiver) -> None:
    with pytest.raises(EgressError, match="certificate is not valid"):
        post(receiver.url, b"{}", {}, rules_for(receiver, ca_file=""))
    assert not receiver.requests


def test_an_address_in_place_of_a_name_needs_a_certificate_too(tmp_path: Path) -> None:
    with receiving(tmp_path, "127.0.0.1") as receiver:
        url = f"https://127.0.0.1:{receiver.port}/"
        assert post(url, b"{}", {}, rules_for(receiver)).status == 200


def test_redirects_are_answers(receiver: Receiver) -> None:
    receiver.status, receiver.headers = 302, {"Location": "https://169.254.169.254/latest/meta-data"}
    assert post(receiver.url, b"{}", {}, rules_for(receiver)).status == 302
    assert len(receiver.requests) == 1


def test_proxies_of_the_environment_are_not_used(receiver: Receiver, monkeypatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(receiver.url, b"{}", {}, rules_for(receiver)).status == 200


def test_a_long_answer_is_cut(receiver: Receiver) -> None:
    receiver.text = b"x" * 5_000_000
    assert len(post(receiver.url, b"{}", {}, rules_for(receiver)).text) == egress.MOST_READ


def test_a_packed_answer_is_not_unpacked(receiver: Receiver) -> None:
    receiver.text, receiver.headers = gzip.compress(b"x" * 50_000_000), {"Content-Encoding": "gzip"}
    assert len(post(receiver.url, b"{}", {}, rules_for(receiver)).text) <= egress.MOST_READ


def test_nul_characters_are_taken_out(receiver: Receiver) -> None:
    receiver.text = b"a\0b\xff"
    assert post(receiver.url, b"{}", {}, rules_for(receiver)).text == "a�b�"


def test_who_never_answers_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(egress, "CONNECT", 0.2)
    stop = threading.Event()
    port = dripping(stop)
    try:
        with pytest.raises(EgressError, match=r"in time|TLS|connection"):
            post(f"https://localhost:{port}/", b"{}", {}, Rules(LOOPBACK, (port,)))
    finally:
        stop.set()


def test_who_drips_is_cut_off(receiver: Receiver, monkeypatch) -> None:
    monkeypatch.setattr(egress, "WHOLE", 0.3)
    receiver.before = lambda: time.sleep(3)
    with pytest.raises(EgressError):
        post(receiver.url, b"{}", {}, rules_for(receiver))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hook.example.com/", "https://"),
        ("ftp://hook.example.com/", "https://"),
        ("hook.example.com", "https://"),
        ("https://", "https://"),
        ("https://user:password@hook.example.com/", "without a user name"),
        ("https://user@hook.example.com/", "without a user name"),
        ("https://hook.example.com/#x", "without a user name"),
        ("https://hook.example.com:22/", "port 22"),
        ("https://hook.example.com:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://127.0.0.1/", "not an address of the internet"),
        ("https://[::1]/", "not an address of the internet"),
        ("https://[::ffff:169.254.169.254]/", "not an address of the internet"),
        ("https://2130706433/", "not an address of the internet"),
        ("https://127.1/", "not an address of the internet"),
        ("https://hook.example.com/a b", "ASCII"),
        ("https://hook.example.com/\r\nX: 1", "ASCII"),
        ("https://hook.example.com\\@evil.example.com/", "ASCII"),
        ("https://hök.example.com/", "ASCII"),
        ("https://hook.example.com/" + "x" * 2048, "at most 2,048"),
    ],
)
def test_an_address_that_cannot_be_is_refused_before_anything_is_asked(url: str, said: str) -> None:
    with pytest.raises(EgressError, match=said):
        check_url(url, Rules())


def test_numbers_in_other_bases_end_at_what_they_resolve_to(monkeypatch) -> None:
    """`0x7f000001` and `017700000001` are names to us; the resolver makes 127.0.0.1 of them, which is checked."""
    resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(EgressError, match="public addresses alone"):
        post("https://0x7f000001/", b"{}", {}, Rules())
