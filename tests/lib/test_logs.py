"""Logs tell where an error arose, and never what its variables held."""

import json
import logging
import logging.config
from io import StringIO

import pytest

from policystudio.lib.logs import logging_config


def logged(log_format: str) -> str:
    """What a handler writes of an error in a function with a secret in a local variable."""
    config = logging_config(level="INFO", log_format=log_format)
    formatter = logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["lines"])
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.Logger("policystudio.tests")
    logger.addHandler(handler)

    secret = "correct-horse"  # on a line that no traceback shows

    def sign_in(password: str) -> None:
        raise ValueError("no such user")

    try:
        sign_in(secret)
    except ValueError:
        logger.exception("refused")
    return stream.getvalue()


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_tracebacks_name_the_place_and_no_values(log_format: str) -> None:
    text = logged(log_format)
    assert "no such user" in text
    assert "sign_in" in text
    assert "correct-horse" not in text


def test_json_is_one_object_a_line() -> None:
    assert json.loads(logged("json"))["event"] == "refused"
