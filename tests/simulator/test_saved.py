"""Saved simulations: what may be kept, who may do what, and what two runs are told to differ in, and why."""

from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.audit.models import AuditEntry
from policystudio.changes import services as changes
from policystudio.simulator import services
from policystudio.simulator.models import Simulation
from policystudio.simulator.saved_questions import SavedQuestionError, SavedRequest, saved_question
from policystudio.simulator.saved_runs import compare_runs
from tests import factories
from tests.factories import as_text
from tests.web.conftest import allow

pytestmark = pytest.mark.django_db

MODELS = {"action": ["CreateModel"], "type": ["model"], "kind": ["user"]}


@pytest.fixture
def account() -> Account:
    return factories.make_account("111122223333", "research", read_at=timezone.now())


@pytest.fixture
def dana(account: Account) -> Any:
    user = factories.make_identity(account, "user", "dana")
    factories.attach(user, factories.make_managed_policy(account, "make", allow("sagemaker:ListModels")))
    return user


def member(account: Account, name: str, role: Role) -> SignIn:
    user = factories.make_sign_in(name)
    factories.make_membership(user, account, role)
    return user


def keep(account: Account, by: Any = None, requests: tuple[SavedRequest, ...] = ()) -> Simulation:
    asked = saved_question({} if requests else MODELS, requests)
    return services.simulation_create(account=account, by=by, name="Models", asked=asked, now=timezone.now())


def allow_making(account: Account) -> None:
    """By a change, as people do it."""
    target = account.managed_policies.get(name="make").arn
    text = as_text(allow("sagemaker:CreateModel"))
    change = changes.change_begin(
        account=account, by=None, title="Let them make models", kind="managed-policy", target=target, text=text
    ).change
    for step in (changes.change_propose, changes.change_approve, changes.change_publish):
        step(change=change, by=None, expected_version=None)
        change.refresh_from_db()


def run(simulation: Simulation) -> Any:
    return services.simulation_run(simulation=simulation, by=None, now=timezone.now())


@pytest.mark.parametrize("of_requests", [False, True])
def test_two_runs_tell_which_decision_changed_and_why(account: Account, dana: Any, of_requests: bool) -> None:
    request = SavedRequest(dana.arn, "sagemaker:CreateModel", "arn:aws:sagemaker:eu-west-1:111122223333:model/m")
    listing = SavedRequest(dana.arn, "sagemaker:ListModels")
    simulation = keep(account, requests=(request, listing) if of_requests else ())
    first = run(simulation)
    allow_making(account)
    second = run(simulation)
    told = compare_runs(simulation, first, second)
    changed = [one for one in told.changed if one.action == "sagemaker:CreateModel"]
    assert [(one.identity, one.before.decision, one.after.decision) for one in changed] == [
        (dana.arn, "implicitDeny", "allowed")
    ]
    assert changed[0].before.reason
    assert "make" in changed[0].after.reason
    assert [one.title for one in told.published] == ["Let them make models"]
    assert not told.same_content
    assert told.same == 0
    assert compare_runs(simulation, second, run(simulation)).same_content


def test_an_identity_that_came_or_went_has_no_decision_on_one_side(account: Account, dana: Any) -> None:
    simulation = keep(account)
    first = run(simulation)
    account.refresh_from_db()
    factories.make_identity(account, "user", "erin")
    told = compare_runs(simulation, first, run(simulation))
    assert [(one.before.decision, one.after.decision) for one in told.changed] == [(None, "implicitDeny")]
    assert told.same == 1


def test_a_request_of_an_identity_that_is_not_there_is_answered_so(account: Account, dana: Any) -> None:
    nobody = SavedRequest("arn:aws:iam::111122223333:user/nobody", "sagemaker:ListModels")
    (result,) = run(keep(account, requests=(nobody,))).answers["results"]
    assert result["decision"] is None


@pytest.mark.parametrize(
    ("parameters", "requests", "place"),
    [
        ({"kind": ["robot"]}, (), "question.kind"),
        ({"limit": ["1"]}, (), "question.limit"),
        ({"at": ["never"]}, (), "question.at"),
        ({"kind": ["user"]}, (SavedRequest("arn:aws:iam::111122223333:user/a", "s3:GetObject"),), "question.kind"),
        ({}, (SavedRequest("dana", "s3:GetObject"),), "requests[0].principal"),
        ({}, (SavedRequest("arn:aws:iam::111122223333:user/a", "s3:*"),), "requests[0].action"),
        ({}, (SavedRequest("arn:aws:iam::111122223333:user/a", "s3:GetObject", "x"),), "requests[0].resource"),
        ({}, (SavedRequest("arn:aws:iam::111122223333:user/a", "s3:G", "*", {"x": []}),), "requests[0].context"),
    ],
)
def test_what_is_not_understood_is_named(parameters: dict, requests: tuple, place: str) -> None:
    with pytest.raises(SavedQuestionError) as caught:
        saved_question(parameters, requests)
    assert [name for name, _ in caught.value.problems] == [place]


def test_a_moment_and_a_change_must_be_there(account: Account, dana: Any) -> None:
    for parameters in ({"at": ["1999-01-01"]}, {"change": ["7"]}):
        with pytest.raises(SavedQuestionError):
            services.simulation_create(
                account=account, by=None, name="x", asked=saved_question(parameters, ()), now=timezone.now()
            )


def test_every_member_keeps_and_runs_and_authors_give_up_those_of_others(account: Account, dana: Any) -> None:
    viewer, other = member(account, "vic", Role.VIEWER), member(account, "val", Role.VIEWER)
    author, stranger = member(account, "aron", Role.AUTHOR), factories.make_sign_in("stan")
    simulation = keep(account, viewer)
    services.simulation_run(simulation=simulation, by=other, now=timezone.now())
    with pytest.raises(PermissionDenied):
        services.simulation_run(simulation=simulation, by=stranger, now=timezone.now())
    with pytest.raises(PermissionDenied):
        keep(account, stranger)
    for by in (other, stranger):
        with pytest.raises(PermissionDenied):
            services.simulation_remove(simulation=simulation, by=by, expected_version=None, now=timezone.now())
    renamed = services.simulation_rename(
        simulation=simulation, by=viewer, name=" Who  makes ", expected_version=1, now=timezone.now()
    )
    assert (renamed.name, renamed.version, renamed.run_count) == ("Who makes", 2, 1)  # type: ignore[attr-defined]  # annotated
    with pytest.raises(services.StaleSimulationError):
        services.simulation_remove(simulation=simulation, by=author, expected_version=1, now=timezone.now())
    services.simulation_remove(simulation=simulation, by=author, expected_version=2, now=timezone.now())
    assert not Simulation.objects.exists()
    actions = AuditEntry.objects.filter(account=account.number, action__startswith="simulation.").order_by("sequence")
    assert list(actions.values_list("action", flat=True)) == [
        "simulation.created", "simulation.run", "simulation.renamed", "simulation.removed",
    ]  # fmt: skip


def test_the_oldest_runs_make_room(account: Account, dana: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_RUNS", 2)
    simulation = keep(account)
    for _ in range(3):
        run(simulation)
    assert list(simulation.runs.values_list("number", flat=True)) == [3, 2]


def test_too_many_rows_are_not_kept(account: Account, dana: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policystudio.simulator.saved_runs.MOST_ROWS", 0)
    with pytest.raises(SavedQuestionError, match="too many to keep"):
        run(keep(account))
