"""Findings survive: a real worker works them out, and kill -9 in the middle loses and doubles nothing."""

from pathlib import Path

import pytest

from tests.support.brokers import wait_until
from tests.support.installation import Installation, kill_all, make_installation, migrated_database
from tools.make_bench_accounts import Shape, write_export

IMPORT = """
from django.utils import timezone
from policystudio.awssync import services
with open({file!r}, "rb") as stream:
    services.account_import(file=stream, by=None, now=timezone.now(), name="bench", organization="")
print(0)
"""
#: Does what the beat does, at a time when every lease has run out.
REAP = """
from datetime import timedelta
from django.utils import timezone
from policystudio.findings import services
print(json.dumps(services.findings_reap(now=timezone.now() + timedelta(days=1))))
"""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    (tmp_path / "template").mkdir()
    template = migrated_database(tmp_path / "template")
    made = make_installation(template, tmp_path / "studio", "filesystem://")
    file = tmp_path / "export.json"
    with file.open("w") as output:
        write_export(output, Shape(identities=400))
    made.run(IMPORT.format(file=str(file)))
    return made


def worked(installation: Installation) -> bool:
    rows = installation.query("SELECT worked_at, revision FROM findings_accountfindings")
    return any(at and revision for at, revision in rows)


def test_an_import_asks_for_findings_which_survive_the_death_of_the_worker(installation: Installation) -> None:
    with installation.worker() as worker:
        wait_until(lambda: installation.count("findings_documentfindings") > 0, "the worker looks at documents")
        kill_all(worker)
    documents = installation.count("findings_documentfindings")
    if not worked(installation):  # a busy machine may show the first documents so late that all was over
        assert installation.count("findings_finding") == 0
        assert installation.run(REAP) == 1
    with installation.worker():
        wait_until(lambda: worked(installation), "the findings are worked out")
    assert installation.count("findings_documentfindings") >= documents
    assert installation.count("findings_finding") > 0
    places = "SELECT DISTINCT code, target, name, place, subject FROM findings_finding"
    assert installation.count(f"({places})") == installation.count("findings_finding")
