"""The demonstration organization, imported from files in this repository by the code that imports everybody's."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from policystudio.accounts.models import Account, Organization, Role
from policystudio.accounts.services import membership_grant, organization_membership_grant
from policystudio.awssync.services.account_import import ImportRefusedError, account_import
from policystudio.awssync.services.organization_import import organization_import
from policystudio.awssync.services.resources_import import resources_import
from policystudio.awssync.snapshot import Report
from policystudio.changes.selectors import expectations_of
from policystudio.changes.services import Wanted, expectation_create
from policystudio.policies.selectors import template_use_of
from policystudio.policies.services import template_use_set
from policystudio.policies.templates.link import read_link

FOLDER = Path(__file__).parent.parent / "demo"
ACCOUNT_FILES = ("research.json", "production.json", "shared-services.json")
#: Sign-in name -> what to tell about it, and the roles by account name; dana has hers in the whole organization.
SIGN_INS: dict[str, tuple[str, dict[str, Role]]] = {
    "dana": ("administrator of every account", {}),
    "eli": ("author of research and production", dict.fromkeys(("research", "production"), Role.AUTHOR)),
    "vic": ("viewer of research alone", {"research": Role.VIEWER}),
}


def demo_load(*, now: datetime) -> list[Report]:
    """Import the demonstration and make its sign-ins, each with a random password of this installation.

    The passwords are kept in ``demo-sign-in.json`` in VAR_DIR, readable by its owner alone. Loading it again restores
    what was changed of its accounts and keeps passwords. Raises ``ImportRefusedError`` where somebody else signs in by
    one of the names.
    """
    with transaction.atomic():
        passwords = _passwords()
        with (FOLDER / "organization.json").open("rb") as file:
            reports = [organization_import(file=file, now=now)]
        for name in ACCOUNT_FILES:
            with (FOLDER / name).open("rb") as file:
                reports.append(account_import(file=file, by=None, now=now))
        with (FOLDER / "resources.json").open("rb") as file:
            reports.append(resources_import(file=file, now=now))
        known = json.loads((FOLDER / "organization.json").read_text())["Organization"]["Id"]
        organization = Organization.objects.get(org_id=known)
        accounts = {account.name: account for account in Account.objects.filter(unit__organization=organization)}
        for username, (_, roles) in SIGN_INS.items():
            user = get_user_model().objects.get_by_natural_key(username)
            for name, role in roles.items():
                membership_grant(by=None, user=user, account=accounts[name], role=role)
        dana = get_user_model().objects.get_by_natural_key("dana")
        organization_membership_grant(by=None, user=dana, organization=organization, role=Role.ADMINISTRATOR)
        _expect(accounts)
        _link(accounts, now)
        _keep(passwords)
    return reports


def _expect(accounts: Mapping[str, Account]) -> None:
    """Keep the expectations of ``expectations.json`` in the accounts that have none."""
    for name, some in json.loads((FOLDER / "expectations.json").read_text()).items():
        if not expectations_of(accounts[name]).exists():
            for one in some:
                expectation_create(account=accounts[name], by=None, wanted=Wanted(**one))


def _link(accounts: Mapping[str, Account], now: datetime) -> None:
    """Remember of the policies in ``templates.json`` what they were made from; one of them was edited since."""
    for name, some in json.loads((FOLDER / "templates.json").read_text()).items():
        for one in some:
            if template_use_of(accounts[name], "managed-policy", one["target"]) is None:
                link = read_link(one["template"])
                template_use_set(
                    account=accounts[name],
                    by=None,
                    kind="managed-policy",
                    target=one["target"],
                    text=link.text(),
                    template=link.as_json(),
                    now=now,
                )


def _passwords() -> dict[str, str]:
    """Make the sign-ins that are not there yet; answers with the passwords of all."""
    kept = _kept()
    users = get_user_model().objects
    for username in SIGN_INS:
        user = users.filter(username=username).first()
        if user is None:
            kept[username] = secrets.token_urlsafe(12)
            users.create_user(username, password=kept[username])
        elif username not in kept:
            raise ImportRefusedError(
                f"somebody signs in as `{username}` already, whom the demonstration must not touch"
            )
    return {username: kept[username] for username in SIGN_INS}


def _file() -> Path:
    return Path(settings.VAR_DIR) / "demo-sign-in.json"


def _kept() -> dict[str, str]:
    try:
        return {one["username"]: one["password"] for one in json.loads(_file().read_text())}
    except (OSError, ValueError):
        return {}


def _keep(passwords: dict[str, str]) -> None:
    told = [
        {"username": username, "password": password, "about": SIGN_INS[username][0]}
        for username, password in passwords.items()
    ]
    _file().parent.mkdir(parents=True, exist_ok=True)
    _file().touch(mode=0o600)
    _file().write_text(json.dumps(told, indent=2) + "\n")
