"""Writes of saved simulations: keep a question, rename it, run it again, give it up."""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.audit import services as audit
from policystudio.simulator.models import Simulation, SimulationRun
from policystudio.simulator.saved import runs_of, simulation_get
from policystudio.simulator.saved_questions import SavedQuestion, SavedQuestionError, check_asked
from policystudio.simulator.saved_runs import answers_to, asked_of, revisions_of

By = AbstractBaseUser | None
#: So many simulations an account has at most, and so many runs of each are kept: the oldest ones make room.
MOST_SIMULATIONS, MOST_RUNS = 500, 100
_LONGEST_NAME = 200


class StaleSimulationError(ValueError):
    """Somebody else wrote the simulation in between; ``version`` is what it is at now."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"the simulation was written in between: it is at version {version}")


@transaction.atomic
def simulation_create(*, account: Account, by: By, name: str, asked: SavedQuestion, now: datetime) -> Simulation:
    """Keep a question under a name. Every member may; raises ``PermissionDenied`` and ``SavedQuestionError``."""
    _require(by, account, Role.VIEWER)
    name = _checked_name(name)
    Account.objects.select_for_update().get(pk=account.pk)
    mine = Simulation.objects.filter(account=account)
    if mine.count() >= MOST_SIMULATIONS:
        said = f"the account has {MOST_SIMULATIONS} simulations: give one up that is not needed any more"
        raise SavedQuestionError([("", said)])
    check_asked(account, asked)
    made = Simulation.objects.create(
        account=account,
        number=(mine.aggregate(last=Max("number"))["last"] or 0) + 1,
        name=name,
        question=asked.parameters,
        requests=[one.as_json() for one in asked.requests],
        created_at=now,
        updated_at=now,
        created_by_id=by.pk if by else None,
        created_by_name=audit.actor_name(by),
    )
    _record(by, made, "simulation.created", {"after": {"name": name, "question": made.question}}, now)
    return simulation_get(account, made.number)


@transaction.atomic
def simulation_rename(
    *, simulation: Simulation, by: By, name: str, expected_version: int | None, now: datetime
) -> Simulation:
    """Give it another name. Whoever kept it may, and every author; raises ``StaleSimulationError`` besides."""
    row = _locked(simulation, by, expected_version)
    before, row.name = row.name, _checked_name(name)
    row.version += 1
    row.updated_at = now
    row.save(update_fields=["name", "version", "updated_at"])
    _record(by, row, "simulation.renamed", {"before": before, "after": row.name}, now)
    return simulation_get(row.account, row.number)


@transaction.atomic
def simulation_remove(*, simulation: Simulation, by: By, expected_version: int | None, now: datetime) -> None:
    """Give it up with its runs. Whoever kept it may, and every author; raises ``StaleSimulationError`` besides."""
    row = _locked(simulation, by, expected_version)
    _record(by, row, "simulation.removed", {"before": {"name": row.name, "question": row.question}}, now)
    row.delete()


@transaction.atomic
def simulation_run(*, simulation: Simulation, by: By, now: datetime) -> SimulationRun:
    """Ask it again and keep the answer. Every member may; raises ``SavedQuestionError`` where it cannot be asked."""
    _require(by, simulation.account, Role.VIEWER)
    row = Simulation.objects.select_for_update().get(pk=simulation.pk)
    account = accounts.every_account().get(pk=row.account_id)
    revisions = revisions_of(account)
    answers = answers_to(account, asked_of(row))
    made = SimulationRun.objects.create(
        simulation=row,
        number=(row.runs.aggregate(last=Max("number"))["last"] or 0) + 1,
        at=now,
        run_by_name=audit.actor_name(by),
        account_revision=revisions[0],
        organization_revision=revisions[1],
        answers=answers,
    )
    SimulationRun.objects.filter(simulation=row, number__lte=made.number - MOST_RUNS).delete()
    _record(by, row, "simulation.run", {"run": made.number}, now)
    return runs_of(row).get(pk=made.pk)


def may_write(by: AbstractBaseUser, simulation: Simulation) -> bool:
    """Whether ``by`` may rename and give it up: whoever kept it, and every author of the account."""
    mine = simulation.created_by_id == by.pk and accounts.may(by, simulation.account, Role.VIEWER)
    return mine or accounts.may(by, simulation.account, Role.AUTHOR)


def _locked(simulation: Simulation, by: By, expected_version: int | None) -> Simulation:
    if by is not None and not may_write(by, simulation):
        raise PermissionDenied(f"this needs the role {Role.AUTHOR.label}, or to have kept the simulation")
    row = Simulation.objects.select_for_update().select_related("account").get(pk=simulation.pk)
    if expected_version not in (None, row.version):
        raise StaleSimulationError(row.version)
    return row


def _require(by: By, account: Account, role: Role) -> None:
    if by is not None and not accounts.may(by, account, role):
        raise PermissionDenied(f"this needs the role {role.label} in account {account.number}")


def _checked_name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise SavedQuestionError([("name", "is missing: say what the question is about")])
    if len(name) > _LONGEST_NAME:
        raise SavedQuestionError([("name", f"is too long: at most {_LONGEST_NAME} characters")])
    return name


def _record(by: By, row: Simulation, action: str, details: dict[str, object], now: datetime) -> None:
    number = row.account.number
    audit.record(actor=by, action=action, target=f"simulation {row.number}", account=number, details=details, at=now)
