"""`manage.py grant_role USER ROLE`: gives or takes a role in an account or in every account of an organization."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.accounts import selectors, services
from policystudio.accounts.management.commands import REFUSED, person
from policystudio.accounts.models import Organization, Role
from policystudio.lib.streams import printable

NONE = "none"


class Command(BaseCommand):
    """The way to the first administrator of an organization."""

    help = "Gives somebody a role in an account, or in every account of an organization; `none` takes it away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, which role, and where."""
        parser.add_argument("user", metavar="USER", help="the sign-in name")
        parser.add_argument("role", choices=[*Role.values, NONE], help="the role, or none to take it away")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--account", metavar="ID", help="the account: its 12-digit number, or name")
        where.add_argument("--organization", metavar="ORG_ID", help="every account of the organization, now and later")

    def handle(self, *_args: Any, user: str, role: str, **options: Any) -> None:
        """Give the role or take it away, and say what holds now."""
        who = person(user)
        try:
            if options["account"]:
                account = selectors.account_find(options["account"])
                if role == NONE:
                    services.membership_revoke(by=None, user=who, account=account)
                else:
                    services.membership_grant(by=None, user=who, account=account, role=Role(role))
                where = str(account)
            else:
                organization = _organization(options["organization"])
                if role == NONE:
                    services.organization_membership_revoke(by=None, user=who, organization=organization)
                else:
                    services.organization_membership_grant(
                        by=None, user=who, organization=organization, role=Role(role)
                    )
                where = f"every account of {organization}"
        except selectors.AccountNotFoundError as error:
            raise CommandError(printable(str(error)), returncode=REFUSED) from None
        said = "was given no role" if role == NONE else f"is {role}"
        self.stdout.write(f"{user} {said} in {where}")


def _organization(org_id: str) -> Organization:
    found = Organization.objects.filter(org_id=org_id).first()
    if found is None:
        known = ", ".join(Organization.objects.values_list("org_id", flat=True)[:20])
        hint = f"there are {known}" if known else "there is none yet, import one by manage.py import_organization"
        raise CommandError(printable(f"no organization `{org_id}`: {hint}"), returncode=REFUSED)
    return found
