"""Beginning an edit: the form of its kind, and the draft that it goes into."""

from collections.abc import Sequence
from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from policystudio.accounts.models import Account, Role
from policystudio.changes import selectors, services
from policystudio.changes.models import Change, Edit
from policystudio.changes.selectors.words import headline
from policystudio.policies import selectors as policies
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from policystudio.web.access import account_for
from policystudio.web.edit_forms import Written, form_for, written
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.views.changes import change_for, edit_address
from policystudio.web.words import sentence

#: So long after it was written, a draft is the one that the next edit goes into unless another one is chosen.
_AT_HAND = timedelta(hours=2)
#: What is kept of the address or of what was posted, so that the form can be sent again.
_KEPT = ("kind", "target", "name", "other", "text", "data")


@require_http_methods(["GET", "HEAD", "POST"])
def edit_new(request: PageRequest, number: str) -> HttpResponse:
    """Begin an edit, in a draft that is named or in a new one, and go on to its editor or to the change."""
    account = account_for(request, number, Role.AUTHOR)
    if request.method != "POST":
        if form_for(account, request.GET) is None:
            raise Http404(f"no form for `{request.GET.get('kind', '')}`")
        return _page(request, account)
    draft = request.POST.get("change", "").strip()
    change = change_for(account, int(draft)) if draft.isdecimal() and len(draft) < 10 else None
    try:
        edit = written(account, request.POST)
        return redirect(edit_address(_begun(request, account, edit, change)))
    except services.StaleError as error:
        if error.edit is not None and not request.POST.get("text"):
            return redirect(edit_address(error.edit))
        return _page(request, account, sentence(f"that draft has this edit already, with another text: {error}"))
    except (services.EditError, services.ChangeStateError) as error:
        return _page(request, account, sentence(str(error)))


def _begun(request: PageRequest, account: Account, edit: Written, change: Change | None) -> Edit:
    """The edit in its draft: in one of mine that has it already, where none is named and no text is brought."""
    key = {"kind": edit.kind, "target": edit.target, "name": edit.name, "other": edit.other}
    record = request.POST.get("roll_back_at", "")
    if record:
        return _as_recorded(request, account, edit, record, change)
    version = request.POST.get("roll_back_to", "").replace("\0", "")
    if version:
        return _rolled_back(request, account, edit.target, version, change)
    if change is None and not request.POST.get("text") and "tags" not in edit.data:
        mine = selectors.open_drafts(account, request.user)
        found = Edit.objects.filter(change__in=mine, **key).select_related("change__account").first()
        if found is not None:
            return found
    title = request.POST.get("title", "").strip() or _title(edit)
    return services.change_begin(
        account=account,
        by=request.user,
        title=title,
        text=edit.text,
        data=edit.data,
        change=change,
        **key,
    )


def _rolled_back(request: PageRequest, account: Account, arn: str, version: str, change: Change | None) -> Edit:
    """An edit that makes an earlier version of a managed policy the text of a new one."""
    try:
        policy = policies.policy_by_arn(account, arn)
        return services.policy_roll_back(policy=policy, version_id=version, by=request.user, change=change)
    except (ManagedPolicy.DoesNotExist, PolicyVersion.DoesNotExist):
        raise Http404(f"no version `{version}` of `{arn}`") from None


def _as_recorded(request: PageRequest, account: Account, edit: Written, record: str, change: Change | None) -> Edit:
    """An edit that gives a policy a text that it had."""
    number = int(record) if record.isdecimal() and len(record) < 18 else 0
    try:
        return services.text_roll_back(
            account=account,
            by=request.user,
            kind=edit.kind,
            target=edit.target,
            name=edit.name,
            record=number,
            change=change,
        )
    except LookupError:
        raise Http404(f"no record `{record}` of `{edit.target}`") from None


def _title(edit: Written) -> str:
    """What a change that nobody named is called by."""
    if edit.kind not in Edit.Kind.values:
        return "Change"
    row = Edit(kind=edit.kind, target=edit.target, name=edit.name, other=edit.other, data=edit.data, base={})
    return headline(row)[:200]


def _at_hand(drafts: Sequence[Change]) -> str:
    """The draft that somebody is at: the last one they wrote, while that is not long ago."""
    last = drafts[0] if drafts else None
    return str(last.number) if last is not None and timezone.now() - last.updated_at < _AT_HAND else ""


def _page(request: PageRequest, account: Account, error: str = "") -> HttpResponse:
    """The form; where something was refused, with what was written, and why."""
    asked = request.POST if request.method == "POST" else request.GET
    form = form_for(account, asked)
    fields = {one.name for one in form.fields} if form else set()
    drafts = list(selectors.open_drafts(account, request.user)[:20])
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Changes", reverse("web:changes", args=[account.number]))),
        "title": form.title if form else "This edit cannot be begun",
        "answer": "Nothing changes before the change is approved and published.",
        "form": form,
        "error": error,
        "kept": [(name, asked.get(name, "")) for name in _KEPT if asked.get(name) and name not in fields],
        "drafts": drafts,
        "change": asked["change"] if "change" in asked else _at_hand(drafts),
    }
    return render(request, "changes/edit_new.html", context, status=422 if error else 200)
