"""Drafts from templates: new policies and roles, and the linked ones made anew with other parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Edit
from policystudio.changes.selectors import present
from policystudio.changes.services.checks import EditError
from policystudio.changes.services.drafts import change_create
from policystudio.changes.services.edits import edit_put
from policystudio.changes.services.locking import By
from policystudio.identities.selectors import bearers_of
from policystudio.lib import iam_names
from policystudio.policies import selectors as policies
from policystudio.policies.models import ManagedPolicy, TemplateUse
from policystudio.policies.templates.link import Link, canonical
from policystudio.policies.templates.parameters import Given
from policystudio.policies.templates.template import Rendered, Template

Kind = Edit.Kind
_NUMBER_LENGTH = 3


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One edit that the draft is to hold."""

    kind: str
    target: str
    name: str = ""
    other: str = ""
    text: str = ""
    data: Mapping[str, Any] | None = None


@transaction.atomic
def template_draft(
    *, account: Account, by: By, template: Template, given: Given, name: str, attach_to: str = "", path: str = "/"
) -> Change:
    """A draft with everything that a template makes: its policies, for execution roles the role that has them.

    The policies are called ``name``, ``name-2`` and so on; they are attached to the role, or to the identity with the
    ARN ``attach_to``. Raises ``ParameterError``, and ``EditError`` where a name is taken or cannot be one.
    """
    rendered = template.render(given)
    links = _links(template, rendered)
    _check_name(template, name, path)
    arns = [policy_arn(account, path, numbered(name, part)) for part in range(len(links))]
    wanted = [
        _managed(template, arn, name, path, link, part)
        for part, (arn, link) in enumerate(zip(arns, links, strict=True))
    ]
    bearer = attach_to
    if template.is_execution_role:
        bearer = f"arn:{account.partition}:iam::{account.number}:role{path}{name}"
        data = {"tags": {}, "template": links[0].as_json()}
        wanted.insert(0, _Wanted(Kind.IDENTITY, bearer, text=rendered.trust, data=data))
    for edit in wanted:
        if present(account, edit.kind, edit.target) is not None:
            raise EditError(f"name: `{edit.target}` is there already: choose another name")
    if bearer:
        wanted += [_Wanted(Kind.ATTACH, bearer, other=arn) for arn in arns]
    return _drafted(account, by, f"{template.title}: {name}", wanted)


@transaction.atomic
def template_redraft(*, use: TemplateUse, by: By, template: Template, given: Given) -> Change:
    """A draft that makes a linked policy, and all that was made together with it, anew: with these parameters.

    Further documents become further policies, attached to whoever has the first; those that are no longer made are
    detached and removed. Raises ``ParameterError``, and ``EditError`` where everything is so already.
    """
    rendered = template.render(given)
    links = _links(template, rendered)
    use.refresh_from_db()
    siblings = policies.template_siblings(use)
    wanted = [edit for one in siblings for edit in _again(one, links)]
    managed = [one for one in siblings if one.kind == TemplateUse.Kind.MANAGED_POLICY]
    if managed:
        wanted += _more(managed[0], {one.part for one in managed}, template, links)
    if not wanted:
        raise EditError("parameters: the policies say that already, nothing would change")
    return _drafted(use.account, by, f"{template.title}: {policies.base_name(use.target)}", wanted)


def numbered(name: str, part: int) -> str:
    """The name of one of several documents: the first has no number, the next is 2."""
    return f"{name}-{part + 1}" if part else name


def policy_arn(account: Account, path: str, name: str) -> str:
    """The ARN of a managed policy of the account."""
    return f"arn:{account.partition}:iam::{account.number}:policy{path}{name}"


def _links(template: Template, rendered: Rendered) -> list[Link]:
    parameters = rendered.values.as_parameters()
    return [Link(template, template.version, parameters, part) for part in range(len(rendered.documents))]


def _check_name(template: Template, name: str, path: str) -> None:
    most = (64 if template.is_execution_role else iam_names.NAME_LENGTH) - _NUMBER_LENGTH
    pattern = iam_names.SHORT_NAME if template.is_execution_role else iam_names.LONG_NAME
    if not iam_names.fits(pattern, name) or len(name) > most:
        raise EditError(f"name: `{name[:150]}` cannot be a name: 1 to {most} letters, digits and _+=,.@-")
    if not iam_names.fits(iam_names.POLICY_PATH, path) or len(path) > iam_names.PATH_LENGTH:
        raise EditError(f"path: `{path[:150]}` is no path: begin and end it with /, such as /sagemaker/")


def _managed(template: Template, arn: str, name: str, path: str, link: Link, part: int) -> _Wanted:
    data = {
        "path": path,
        "name": numbered(name, part),
        "description": f"Made from the template {template.title}.",
        "template": link.as_json(),
    }
    return _Wanted(Kind.MANAGED_POLICY, arn, text=link.text(), data=data)


def _again(use: TemplateUse, links: list[Link]) -> list[_Wanted]:
    """What becomes of one linked policy: nothing where it says already what is wanted and remembers it so."""
    trust = use.kind == TemplateUse.Kind.TRUST_POLICY
    standing = present(use.account, use.kind, use.target, use.name)
    if standing is None:
        return []
    if not trust and use.part >= len(links):
        return _gone(use)
    link = links[0 if trust else use.part]
    text = link.text(trust=trust)
    same = canonical(standing.get("text", "")) == canonical(text)
    if same and (use.version, use.parameters) == (link.version, link.parameters):
        return []
    return [_Wanted(use.kind, use.target, use.name, text=text, data={"template": link.as_json()})]


def _gone(use: TemplateUse) -> list[_Wanted]:
    """Without a document that is no longer made."""
    if use.kind == TemplateUse.Kind.INLINE_POLICY:
        return [_Wanted(Kind.INLINE_POLICY_DELETE, use.target, use.name)]
    bearers = _bearers(use)
    return [
        *(_Wanted(Kind.DETACH, arn, other=use.target) for arn in bearers),
        _Wanted(Kind.MANAGED_POLICY_DELETE, use.target),
    ]


def _more(first: TemplateUse, known: set[int], template: Template, links: list[Link]) -> list[_Wanted]:
    """Policies for the documents that there are none for, attached to whoever has the first."""
    head, _, name = first.target.rpartition("/")
    base = f"{head}/{policies.base_name(first.target) if first.part else name}"
    path = f"{head.partition(':policy')[2]}/"
    found: list[_Wanted] = []
    for part, link in enumerate(links):
        if part in known:
            continue
        arn = numbered(base, part)
        if present(first.account, Kind.MANAGED_POLICY, arn) is not None:
            raise EditError(f"name: `{arn}` is there already, made by somebody else: rename it first")
        found.append(_managed(template, arn, base.rpartition("/")[2], path, link, part))
        found += [_Wanted(Kind.ATTACH, bearer, other=arn) for bearer in _bearers(first)]
    return found


def _bearers(use: TemplateUse) -> list[str]:
    try:
        policy = policies.policy_by_arn(use.account, use.target)
    except ManagedPolicy.DoesNotExist:
        return []
    return list(bearers_of(policy).values_list("arn", flat=True))


def _drafted(account: Account, by: By, title: str, wanted: list[_Wanted]) -> Change:
    change = change_create(account=account, by=by, title=title[:200])
    for edit in wanted:
        edit_put(
            change=change,
            by=by,
            expected_version=None,
            kind=edit.kind,
            target=edit.target,
            name=edit.name,
            other=edit.other,
            text=edit.text,
            data=edit.data,
        )
    change.refresh_from_db()
    return change
