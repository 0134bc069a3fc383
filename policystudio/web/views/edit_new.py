"""Beginning an edit: the form of its kind, and the draft that it goes into."""

from collections.abc import Sequence
from datetime import timedelta

from django.http import Http404, HttpResponse, QueryDict
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
from policystudio.web.views.changes import change_for, edit_address, edit_for
from policystudio.web.words import sentence

#: So long after it was written, a draft is the one that the next edit goes into unless another one is chosen.
_AT_HAND = timedelta(hours=2)
#: What is kept of the address or of what was posted, so that the form can be sent again.
_KEPT = ("kind", "target", "name", "other", "text", "data", "edit_version")


@require_http_methods(["GET", "HEAD", "POST"])
def edit_new(request: PageRequest, number: str) -> HttpResponse:
    """Begin an edit, in a draft that is named or in a new one, and go on to its editor or to the change."""
    account = account_for(request, number, Role.AUTHOR)
    if request.method != "POST":
        asked = _asked(request, account)
        if form_for(account, asked) is None:
            raise Http404(f"no form for `{asked.get('kind', '')}`")
        return _page(request, account, asked)
    draft = request.POST.get("change", "").strip()
    change = change_for(account, int(draft)) if draft.isdecimal() and len(draft) < 10 else None
    try:
        edit = written(account, request.POST)
        return redirect(edit_address(_begun(request, account, edit, change)))
    except services.StaleError as error:
        if error.edit is not None and error.edit.policy_kind is not None and not _brings_text(request):
            return redirect(edit_address(error.edit))
        return _stale(request, account, error)
    except (services.EditError, services.ChangeStateError) as error:
        return _page(request, account, request.POST, sentence(str(error)), status=422)


def _asked(request: PageRequest, account: Account) -> QueryDict:
    """What the form is asked for; of an edit that is in a draft already, what it says there."""
    asked = request.GET.copy()
    number, pk = asked.get("change", ""), asked.get("edit", "")
    if not (number.isdecimal() and pk.isdecimal() and len(number) < 10 and len(pk) < 18):
        return asked
    edit = edit_for(account, int(number), int(pk))
    for name in ("kind", "target", "name", "other"):
        asked[name] = getattr(edit, name)
    asked["edit_version"] = str(edit.version)
    if edit.kind == Edit.Kind.TAGS:
        asked.setlist("tag_key", list(edit.data["tags"]))
        asked.setlist("tag_value", list(edit.data["tags"].values()))
    return asked


def _brings_text(request: PageRequest) -> bool:
    return any(request.POST.get(name) for name in ("text", "roll_back_to", "roll_back_at"))


def _stale(request: PageRequest, account: Account, error: services.StaleError) -> HttpResponse:
    """The form with what was written, what the draft says instead, and the version that sending it again replaces."""
    asked = request.POST.copy()
    asked.pop("edit_version", None)
    said = str(error)
    if error.edit is not None:
        asked["edit_version"] = str(error.version)
        there = error.edit.data.get("tags") if error.edit.kind == Edit.Kind.TAGS else error.edit.other
        told = ", ".join(f"{key} = {value}" for key, value in there.items()) if isinstance(there, dict) else there
        said = f"the draft has this edit already, by {error.edit.updated_by_name}: {told or 'none'}"
        said += ". Below is yours, which replaces it if you send it again"
    return _page(request, account, asked, sentence(said), status=409)


def _begun(request: PageRequest, account: Account, edit: Written, change: Change | None) -> Edit:
    """The edit in its draft: in one of mine that has it already, where none is named and no text is brought."""
    key = {"kind": edit.kind, "target": edit.target, "name": edit.name, "other": edit.other}
    record = request.POST.get("roll_back_at", "")
    if record:
        return _as_recorded(request, account, edit, record, change)
    version = request.POST.get("roll_back_to", "").replace("\0", "")
    if version:
        return _rolled_back(request, account, edit.target, version, change)
    seen = request.POST.get("edit_version", "")
    if change is not None and seen.isdecimal() and len(seen) < 10:
        return services.edit_put(
            change=change, by=request.user, expected_version=int(seen), text=edit.text, data=edit.data, **key
        )
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


def _page(request: PageRequest, account: Account, asked: QueryDict, error: str = "", status: int = 200) -> HttpResponse:
    """The form; where something was refused, with what was written, and why."""
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
    return render(request, "changes/edit_new.html", context, status=status)
