"""Second factors: set up, checked once, throttled, stood in for by recovery codes, taken away; nothing of them kept."""

import base64
import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.core import serializers
from django.core.management import call_command
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from policystudio.accounts import selectors, services
from policystudio.accounts.models import RecoveryCode, SecondFactor
from policystudio.audit.models import AuditEntry
from tests import factories
from tests.support.at_once import at_once
from tests.support.codes import code_of, enrol, forget_failures


@pytest.fixture
def dana(db: None):
    return factories.make_sign_in("dana")


def check(user, code: str) -> bool:
    forget_failures(user)
    return services.second_factor_check(user=user, code=code).right


def test_it_counts_once_a_code_confirms_it(dana) -> None:
    services.second_factor_begin(by=dana)
    assert selectors.second_factor_of(dana) is None
    with pytest.raises(services.SecondFactorError, match="not right"):
        services.second_factor_confirm(by=dana, code="000000x", keep=None)
    codes = services.second_factor_confirm(by=dana, code=code_of(dana), keep=None)
    assert selectors.second_factor_of(dana) is not None
    assert len(set(codes)) == 10
    with pytest.raises(services.SecondFactorError, match="already"):
        services.second_factor_begin(by=dana)
    told = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert told == ["second_factor.begun", "second_factor.added"]


def test_a_code_is_good_once(dana) -> None:
    enrol(dana)
    code = code_of(dana)
    assert check(dana, code)
    assert not check(dana, code)
    assert check(dana, code_of(dana, steps=1))
    assert not check(dana, code)  # an earlier one neither


@pytest.mark.parametrize("steps", [-3, 3])
def test_a_code_of_another_time_is_not_right(dana, steps: int) -> None:
    enrol(dana)
    assert not check(dana, code_of(dana, steps=steps))


@pytest.mark.parametrize(
    "code", ["", "1", "1234567", "12345", "１２３４５６", "+12345", "1e5", "a" * 16, "\0" * 6, "9" * 5000]
)
def test_what_is_no_code_is_not_right(dana, code: str) -> None:
    enrol(dana)
    assert not check(dana, code)


def test_spaces_in_a_code_do_not_matter(dana) -> None:
    enrol(dana)
    code = code_of(dana)
    assert check(dana, f" {code[:3]} {code[3:]} ")


def test_after_a_failure_even_the_right_code_waits(dana) -> None:
    enrol(dana)
    assert not services.second_factor_check(user=dana, code="000000x").right
    checked = services.second_factor_check(user=dana, code=code_of(dana))
    assert not checked.right
    assert checked.wait >= 1
    assert check(dana, code_of(dana))


def test_whoever_guesses_for_long_keeps_the_owner_out_for_minutes_alone(dana) -> None:
    enrol(dana)
    SecondFactor.objects.update(throttling_failure_count=60, throttling_failure_timestamp=timezone.now())
    wait = services.second_factor_check(user=dana, code=code_of(dana)).wait
    assert 500 < wait <= 512
    past = timezone.now() - timedelta(seconds=513)
    SecondFactor.objects.update(throttling_failure_timestamp=past)
    assert services.second_factor_check(user=dana, code="000000").wait == 0
    assert 500 < services.second_factor_check(user=dana, code=code_of(dana)).wait <= 512
    SecondFactor.objects.update(throttling_failure_timestamp=past)
    assert services.second_factor_check(user=dana, code=code_of(dana)).right


def test_a_recovery_code_is_good_once_and_waits_like_a_code(dana) -> None:
    codes = enrol(dana)
    assert check(dana, codes[0].upper().replace("-", " "))
    assert not check(dana, codes[0])
    assert services.second_factor_check(user=dana, code=codes[1]).wait >= 1
    assert AuditEntry.objects.get(action="recovery_code.used").details == {"left": 9}


def test_neither_the_secret_nor_a_recovery_code_is_kept(dana) -> None:
    codes = enrol(dana)
    factor = selectors.second_factor_of(dana)
    assert factor is not None
    secret = factor.bin_key
    kept = serializers.serialize("json", [*TOTPDevice.objects.all(), *RecoveryCode.objects.all()])
    kept += json.dumps(list(AuditEntry.objects.values("details", "target")))
    for told in (secret.hex(), base64.b32encode(secret).decode(), *codes, *(code.replace("-", "") for code in codes)):
        assert told not in kept


def test_another_secret_key_keeps_it_as_long_as_the_former_is_known(dana, settings) -> None:
    codes = enrol(dana)
    code, former = code_of(dana), settings.SECRET_KEY
    settings.SECRET_KEY = "x" * 50
    assert not check(dana, code)
    assert check(dana, codes[0])  # recovery codes need no key
    settings.SECRET_KEY_FALLBACKS = [former]
    assert check(dana, code)


def test_the_password_alone_lets_nobody_in_who_has_one(dana) -> None:
    given = {"username": "dana", "password": factories.PASSWORD}
    assert authenticate(HttpRequest(), **given) == dana
    enrol(dana)
    assert authenticate(HttpRequest(), **given) is None
    knowing = HttpRequest()
    knowing.asks_second_factor = True
    assert authenticate(knowing, **given) == dana


def test_the_command_takes_it_away(dana) -> None:
    enrol(dana)
    out = io.StringIO()
    call_command("reset_second_factor", "dana", stdout=out)
    call_command("reset_second_factor", "dana", stdout=out)
    assert out.getvalue() == "dana signs in by password alone now\ndana has no second factor\n"
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert AuditEntry.objects.filter(action="second_factor.removed", actor="command line").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_of_two_who_send_the_same_code_at_once_gets_in() -> None:
    dana = factories.make_sign_in("dana")
    codes = enrol(dana)
    for code in (code_of(dana), codes[0]):
        forget_failures(dana)
        results = at_once(
            lambda code=code: services.second_factor_check(user=dana, code=code),
            lambda code=code: services.second_factor_check(user=dana, code=code),
        )
        assert sorted(one.right for one in results) == [False, True]
