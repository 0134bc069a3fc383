"""Templates: which fits, what one makes of parameters, a draft of it, and linked policies made anew."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policystudio.accounts.models import Account, Role
from policystudio.changes import services
from policystudio.changes.selectors import present
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies
from policystudio.policies.models import TemplateUse
from policystudio.policies.templates.library import TEMPLATES
from policystudio.policies.templates.parameters import ParameterError, Parameters
from policystudio.policies.templates.template import Group, Template
from policystudio.web import template_form
from policystudio.web.access import account_for, writes
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import account_page, crumbs_of
from policystudio.web.words import count

HEADINGS = {
    Group.PERSONA: ("Personas", "Policies for people, by what their work is."),
    Group.EXECUTION_ROLE: ("Execution roles", "A role that SageMaker assumes, with its trust policy."),
    Group.ACTIVITY: ("Activities", "One thing that people do; personas are made of them."),
}
#: Linked policies of an account that the list shows.
_SHOWN = 200
_OFFERED = 500


@require_safe
def templates(request: PageRequest, number: str) -> HttpResponse:
    """Which template fits? All of them, and the policies that were made from them."""
    account = account_for(request, number)
    every = list(TEMPLATES.values())
    uses = policies.template_uses_of(account)
    context = {
        "title": "Which template fits?",
        "answer": f"{template_form.how_many(every)}. {_used(uses.count(), account)}",
        "groups": [(*HEADINGS[group], [one for one in every if one.group is group]) for group in Group],
        "made": list(_standings(account, list(uses[:_SHOWN]))),
    }
    return account_page(request, account, "templates", context)


def _used(number: int, account: Account) -> str:
    if not number:
        return f"No policy of {account.name} was made from one yet."
    return f"{count(number, 'policy', 'policies')} of {account.name} {'was' if number == 1 else 'were'} made from them."


def _standings(account: Account, uses: list[TemplateUse]) -> Iterator[tuple[template_form.MadeFrom, str]]:
    """Each linked policy with how it stands, and its page; the texts of managed ones are read at once."""
    managed = [use.target for use in uses if use.kind == TemplateUse.Kind.MANAGED_POLICY]
    texts, ids = policies.managed_texts(account, managed), policies.policy_ids(account, managed)
    for use in uses:
        if use.kind == TemplateUse.Kind.MANAGED_POLICY:
            text = texts.get(use.target)
        else:
            text = (present(account, use.kind, use.target, use.name) or {}).get("text")
        address = reverse("web:policy", args=[account.number, ids[use.target]]) if use.target in ids else ""
        yield template_form.made_from(policies.template_standing(use, text)), address


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: PageRequest, number: str, template: str) -> HttpResponse:
    """What does this template make? The form with a preview; sent by POST it becomes a draft."""
    account, found = _asked_for(request, number, template)
    if request.method == "POST":
        return _draft(request, account, found)
    use = _use(request.GET.get("use", ""), account, found)
    given = template_form.given_in(found, account, request.GET)
    if use is not None and set(given) <= {"account", "partition"}:
        given = {**given, **use.parameters, "account": account.number, "partition": account.partition}
    return _page(request, account, found, given, use)


@require_POST
def preview(request: PageRequest, number: str, template: str) -> HttpResponse:
    """What the template makes of the parameters that were sent: the part of its page that shows it."""
    account, found = _asked_for(request, number, template)
    given = template_form.given_in(found, account, request.POST)
    shown = template_form.preview_of(found, account, given)
    return render(request, "policy_templates/_preview.html", {"account": account, "template": found, **shown})


def _asked_for(request: PageRequest, number: str, name: str) -> tuple[Account, Template]:
    account = account_for(request, number)
    if name not in TEMPLATES:
        raise Http404(f"no template `{name}`")
    return account, TEMPLATES[name]


def _use(written: str, account: Account, found: Template) -> TemplateUse | None:
    """The linked policy that is to be made anew; 404 where it is none of the account's and this template's."""
    if not written:
        return None
    try:
        use = policies.template_use_get(account, int(written[:18]) if written.isdecimal() else 0)
    except TemplateUse.DoesNotExist:
        raise Http404(f"no policy of {account.name} that was made from a template has the number `{written}`") from None
    if use.template != found.id:
        raise Http404(f"`{use.target}` was made from {use.template}")
    return use


def _draft(request: PageRequest, account: Account, found: Template) -> HttpResponse:
    """A draft of a change, or the form again with what is wrong."""
    if not writes(request, account):
        raise PermissionDenied(f"drafts in {account.name} need the role {Role.AUTHOR.label}")
    given = template_form.given_in(found, account, request.POST)
    use = _use(request.POST.get("use", ""), account, found)
    asked = {name: request.POST.get(name, "").replace("\0", "").strip() for name in ("name", "path", "attach_to")}
    try:
        if use is not None:
            change = services.template_redraft(use=use, by=request.user, template=found, given=given)
        else:
            change = services.template_draft(
                account=account,
                by=request.user,
                template=found,
                given=given,
                name=asked["name"],
                path=asked["path"] or "/",
                attach_to="" if found.is_execution_role else asked["attach_to"],
            )
    except ParameterError as error:
        return _page(request, account, found, given, use, asked, error.problems)
    except services.EditError as error:
        field, _, message = str(error).partition(": ")
        return _page(request, account, found, given, use, asked, [(field, message)])
    return redirect("web:change", account.number, change.number)


def _page(
    request: PageRequest,
    account: Account,
    found: Template,
    given: Parameters,
    use: TemplateUse | None,
    asked: dict[str, str] | None = None,
    problems: Any = (),
) -> HttpResponse:
    shown = template_form.preview_of(found, account, given)
    asked_before = asked is not None or set(given) > {"account", "partition"}
    told = problems or (shown.get("problems", ()) if asked_before else ())
    names = {field.name for field in found.parameters}
    may_write = writes(request, account)
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Templates", reverse("web:templates", args=[account.number]))),
        "title": _title(found, use),
        "answer": f"{'SageMaker' if found.is_execution_role else 'Whoever has it'} can {found.sentence}",
        "template": found,
        "fields": template_form.fields_of(found, account, given, told),
        "others": [(name, message) for name, message in told if name not in names or name in ("account", "partition")],
        "use": use,
        "asked": asked or {"name": found.id, "path": "/", "attach_to": ""},
        "offered": identities.bearers_offered(account, _OFFERED) if may_write and use is None else (),
        "writes": may_write,
        **shown,
    }
    return render(request, "policy_templates/template.html", context, status=422 if problems else 200)


def _title(found: Template, use: TemplateUse | None) -> str:
    if use is None:
        return f"What does the template {found.title} make?"
    return f"What is {policies.base_name(use.target)} to be made of?"
