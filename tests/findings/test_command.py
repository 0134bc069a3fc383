"""`manage.py findings`: what it prints, and with which status it ends."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from policystudio.findings.models import Finding
from policystudio.findings.services import waiver_grant
from tests import factories
from tests.findings.conftest import Shop, author
from tests.web.conftest import allow


def run(*arguments: str) -> tuple[str, int]:
    output, status = StringIO(), 0
    try:
        call_command("findings", *arguments, stdout=output, stderr=output)
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    return output.getvalue(), status


def test_lines_as_compilers_write_them(shop: Shop) -> None:
    factories.make_managed_policy(shop.account, "typo", allow("sagemaker:ListModell"))
    printed, status = run("shop")
    assert "typo:6:17: ERROR INVALID_ACTION: The action `sagemaker:ListModell` does not exist." in printed
    assert "user/ana: SECURITY_WARNING STUDIO_PATH_PASS_ROLE: It can run a training job as role/train" in printed
    assert status == 1


@pytest.mark.parametrize(("fail_on", "status"), [("ERROR", 0), ("SECURITY_WARNING", 1), ("SUGGESTION", 1)])
def test_the_status_is_that_of_the_gravest(shop: Shop, fail_on: str, status: int) -> None:
    assert run("111122223333", "--fail-on", fail_on)[1] == status


def test_what_is_waived_is_printed_and_does_not_fail(shop: Shop) -> None:
    run("shop")
    owner = author(shop.account)
    from datetime import timedelta

    from django.utils import timezone

    for one in Finding.objects.filter(type="SECURITY_WARNING"):
        until = timezone.now().date() + timedelta(days=1)
        waiver_grant(
            by=None, account=shop.account, finding=one, reason="Known", owner=owner, until=until, now=timezone.now()
        )
    printed, status = run("shop", "--fail-on", "SECURITY_WARNING")
    assert "(waived until" in printed
    assert status == 0


def test_json_lines(shop: Shop) -> None:
    printed, _ = run("shop", "--format", "json", "--code", "STUDIO_PATH_PASS_ROLE")
    (line,) = printed.splitlines()
    told = json.loads(line)
    assert (told["account"], told["target"], told["waiver"]) == ("111122223333", shop.ana.arn, None)
    assert [one["step"] for one in told["evidence"]["requests"]] == ["start", "pass", "assume", "gain"]


def test_an_account_that_is_not_known(shop: Shop) -> None:
    with pytest.raises(CommandError, match="no account `nowhere`") as refused:
        run("nowhere")
    assert refused.value.returncode == 2


def test_policies_of_aws_are_printed_where_they_are_asked_for(shop: Shop) -> None:
    policy = factories.make_managed_policy(shop.account, "theirs", allow("sagemaker:ListModell"), aws=True)
    factories.attach(shop.ana, policy)
    assert "theirs" not in run("shop")[0]
    assert "theirs:6:17: ERROR INVALID_ACTION" in run("shop", "--aws-managed")[0]
