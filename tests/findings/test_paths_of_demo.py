"""Every path that is found in the demonstration holds by the plain decision, request by request."""

import io

import pytest
from django.core.management import call_command

from policystudio.accounts.models import Account
from policystudio.engine.authorize import authorize
from policystudio.engine.decision import Verdict
from policystudio.findings import services
from policystudio.findings.models import Finding
from policystudio.simulator.question import IdentityFilter
from policystudio.simulator.selectors import concrete_request, condition_keys
from policystudio.simulator.stacks import SubjectReader, bearers, source_of
from tests.findings.conftest import NOW


@pytest.mark.django_db
def test_every_request_of_every_path_is_decided_as_it_says() -> None:
    call_command("load_demo", stdout=io.StringIO())
    tried = 0
    for account in Account.objects.exclude(read_at=None):
        services.findings_work_now(account=account, now=NOW)
        for path in Finding.objects.filter(account=account, code__startswith="STUDIO_PATH_"):
            for asked in path.evidence["requests"]:
                if asked["step"] == "assume":
                    continue
                assert decided(account, asked["principal"], asked) is Verdict.ALLOWED, (path.label, asked)
                if asked["step"] == "gain":
                    assert decided(account, path.target, asked) is not Verdict.ALLOWED, (path.label, asked)
                tried += 1
    assert tried > 30


def decided(account: Account, arn: str, asked: dict) -> Verdict:
    source = source_of(account)
    reader = SubjectReader(source)
    (subject,) = reader.subjects(bearers(source, IdentityFilter(arns=(arn,))))
    context = {key: tuple(values) for key, values in asked["context"].items()}
    request = concrete_request(reader, subject, asked["action"], asked["resource"], context)
    return authorize(subject.row.stack, request, condition_keys()).verdict
