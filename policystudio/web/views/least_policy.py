"""What does this principal really use? From CloudTrail's events to the least policy, and what is beyond it."""

import io
from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.engine.analyse.comparison import Change, Witness
from policystudio.lib.quotas import MANAGED_POLICY_SIZE
from policystudio.simulator.usage.answers import beyond_sentence, remarks_of, sentence_of
from policystudio.simulator.usage.events import Records, UsageError, joined, read_file
from policystudio.simulator.usage.names import Narrowing
from policystudio.simulator.usage.use import Use, use_of
from policystudio.web import changes
from policystudio.web.access import account_for
from policystudio.web.addresses import identity_address
from policystudio.web.policy_text import lines_of
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page

TITLE = "What does a principal really use?"
ANSWER = (
    "Give events of CloudTrail, and read the least policy for what somebody did in SageMaker, and what the present "
    "policies grant beyond it. The events are not kept."
)
NARROWINGS = {
    Narrowing.AUTO: "by name, and by pattern where there are many",
    Narrowing.EXACT: "by name, every one",
    Narrowing.PREFIX: "by name without dates and ids at the end",
    Narrowing.TYPE: "any of the type in the account and Region",
}


@require_http_methods(["GET", "HEAD", "POST"])
def least_policy(request: PageRequest, number: str) -> HttpResponse:
    """The form; or, sent by POST and not kept, the answer above it."""
    account = account_for(request, number)
    context: dict[str, Any] = {
        "title": TITLE,
        "answer": ANSWER,
        "narrowings": [(str(one), words) for one, words in NARROWINGS.items()],
        "given": {"narrowing": str(Narrowing.AUTO), "principal": request.GET.get("principal", "")},
        "megabytes": settings.UPLOAD_LIMIT // (1024 * 1024),
    }
    if request.method != "POST":
        return account_page(request, account, "least_policy", context)
    given = {name: request.POST.get(name, "") for name in ("events", "principal", "narrowing", "refused")}
    context["given"] = given
    try:
        use = use_of(
            account,
            _records(request, given["events"]),
            principal=given["principal"].strip(),
            narrowing=_narrowing(given["narrowing"]),
            with_refused=bool(given["refused"]),
        )
    except UsageError as error:
        context |= {"answer": "Not answered: what was given is not understood.", "error": str(error)}
        return account_page(request, account, "least_policy", context, status=422)
    return account_page(request, account, "least_policy", context | _found(request, account, use))


least_policy.body_limit = settings.UPLOAD_LIMIT  # type: ignore[attr-defined]  # functions may bear attributes


def _records(request: PageRequest, pasted: str) -> Records:
    files = cast("list[UploadedFile[bytes]]", request.FILES.getlist("files"))
    records = [read_file(cast("io.BytesIO", file.file), file.name or "") for file in files]
    if pasted.strip():
        records.append(read_file(io.BytesIO(pasted.encode("utf-8", "surrogatepass")), ""))
    if not records:
        raise UsageError("choose a file of CloudTrail's events, or paste them")
    return joined(records)


def _narrowing(written: str) -> Narrowing:
    try:
        return Narrowing(written)
    except ValueError:
        return Narrowing.AUTO


def _found(request: PageRequest, account: Account, use: Use) -> dict[str, Any]:
    name = use.principal.rpartition("/")[2] or use.principal
    given = {"narrowing": request.POST.get("narrowing", ""), "principal": use.principal}
    return {
        "title": f"What does {name} really use?",
        "answer": sentence_of(use),
        "use": use,
        "given": given | {key: request.POST.get(key, "") for key in ("events", "refused")},
        "lines": lines_of(use.proposal.text) if use.proposal else (),
        "quota": MANAGED_POLICY_SIZE,
        "remarks": list(remarks_of(use)),
        "beyond": beyond_sentence(use),
        "sections": list(_sections(use)),
        "identity": identity_address(account, use.stored) if use.stored is not None else "",
        "draft": _draft(account, use) if accounts.may(request.user, account, Role.AUTHOR) else None,
    }


def _sections(use: Use) -> list[dict[str, Any]]:
    """What the present policies grant beyond the proposal, and what that would newly allow, with a request for each."""
    found = use.comparison.changes if use.comparison else ()
    beyond = [(one, one.newly_denied) for one in found if one.newly_denied]
    more = [(one, one.newly_allowed) for one in found if one.newly_allowed]
    titles = (("Granted beyond that", beyond), ("Newly allowed by the least policy", more))
    return [{"title": title, **_section(some)} for title, some in titles if some]


def _section(some: Sequence[tuple[Change, Witness]]) -> dict[str, Any]:
    own = [(change, witness) for change, witness in some if change.action.startswith("sagemaker:")]
    own.sort(key=lambda pair: (pair[0].resource_type == "*", pair[0].resource_type, pair[0].action))
    others = [change for change, _ in some if not change.action.startswith("sagemaker:")]
    return {
        "rows": [(change.action.partition(":")[2], change.resource_type, witness) for change, witness in own],
        "services": list(changes.of_services(others)),
    }


def _draft(account: Account, use: Use) -> dict[str, str] | None:
    """A new managed policy with the proposed text, as the fields of a draft."""
    if use.proposal is None:
        return None
    name = f"{use.principal.rpartition('/')[2][:100] or 'root'}-least"
    return {
        "address": reverse("web:change-edit-new", args=[account.number]),
        "target": f"arn:{account.partition}:iam::{account.number}:policy/{name}",
        "title": f"Least policy for {use.principal.split(':', 5)[-1]}"[:200],
    }
