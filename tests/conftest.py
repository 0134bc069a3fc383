"""What all tests share: which run on both databases, and that none may be skipped where that is asked for."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from django.test import TestCase, TransactionTestCase
from hypothesis import HealthCheck, settings

from tests.support.append_only import let_flush_empty_the_record

# How long an example takes says more of how busy the machine is than of the code: no test fails for it.
settings.register_profile("studio", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("studio")


DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_setup", "live_server"}


let_flush_empty_the_record()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="run only what touches the database (and no browser): the run on PostgreSQL uses it",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.e2e)
    chosen = [item for item in items if _is_wanted(item, database_only=config.getoption("--database-only"))]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def _is_wanted(item: pytest.Item, *, database_only: bool) -> bool:
    """`make test` runs the suite twice, so what needs PostgreSQL is no loss where it is not set."""
    if item.get_closest_marker("postgres"):
        return bool(os.environ.get("TEST_DATABASE_URL"))
    return not database_only or (_touches_database(item) and not item.get_closest_marker("e2e"))


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    test_class = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or bool(fixtures & DATABASE_FIXTURES)
        or (test_class is not None and issubclass(test_class, TestCase | TransactionTestCase))
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where TESTS_MAY_NOT_SKIP is set, a test that would be skipped fails: the machine was said to have everything."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself while it is collected."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("TESTS_MAY_NOT_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"skipped, though TESTS_MAY_NOT_SKIP is set: {report.longrepr}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what failed before pytest began (tools/run_tests.py), where nobody can overlook it."""
    earlier = os.environ.get("EARLIER_FAILURES")
    if earlier and not os.environ.get("PYTEST_XDIST_WORKER"):
        terminalreporter.section("failed before the tests", red=True)
        terminalreporter.line(earlier, red=True)


@pytest.fixture(autouse=True)
def _unthrottled() -> None:
    """Rates count from nought in each test."""
    from django.core.cache import caches

    for name in ("default", "own"):
        caches[name].clear()


@pytest.fixture(autouse=True)
def _private_uploads(settings, tmp_path: Path) -> None:
    """No test writes files where another one, or the developer, keeps them."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
