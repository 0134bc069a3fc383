"""Who may open a page of an account or organization: a stranger finds nothing there, a lesser role is told what is
needed."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Organization, Role
from policystudio.engine.arn import is_account_id
from policystudio.web.request import PageRequest


def account_for(request: PageRequest, number: str, needed: Role = Role.VIEWER) -> Account:
    """The account, where the signed-in user has the role ``needed``; else 404 for a stranger, 403 for a lesser role."""
    if not is_account_id(number):
        raise Http404(f"`{number}` is not the number of an account")
    try:
        account = accounts.account_get(request.user, number)
    except Account.DoesNotExist:
        raise Http404(f"no account `{number}` that {request.user} may see") from None
    role = accounts.role_of(request.user, account)
    if role is None:
        raise Http404(f"no account `{number}` that {request.user} may see")
    if not role.covers(needed):
        raise PermissionDenied(_refusal(account.name, role, needed))
    return account


def organization_for(request: PageRequest, org_id: str, needed: Role = Role.VIEWER) -> Organization:
    """The organization, where the signed-in user has the role ``needed`` in all of it; else 404 or 403 as above."""
    found = accounts.organizations_visible_to(request.user).filter(org_id=org_id.replace("\0", "")).first()
    role = accounts.role_in_organization(request.user, found) if found else None
    if found is None or role is None:
        raise Http404(f"no organization `{org_id}` that {request.user} has a role in")
    if not role.covers(needed):
        raise PermissionDenied(_refusal(str(found), role, needed))
    return found


def _refusal(name: str, role: Role, needed: Role) -> str:
    return f"your role in {name} is {role.label}; this needs the role {needed.label}, which its administrators give"


def administers(request: PageRequest, account: Account) -> bool:
    """Whether the signed-in user may import into the account and name its members."""
    return accounts.may(request.user, account, Role.ADMINISTRATOR)


def writes(request: PageRequest, account: Account) -> bool:
    """Whether the signed-in user may draft changes of the account."""
    return accounts.may(request.user, account, Role.AUTHOR)
