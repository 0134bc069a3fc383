"""`manage.py export_policy`: a policy in the format of another tool."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from policystudio.accounts.models import Account
from policystudio.changes.management.commands import ExportCommand, found_account
from policystudio.changes.selectors import organization_policy_of
from policystudio.changes.transfer import (
    as_identity,
    as_inline_policy,
    as_managed_policy,
    as_organization_policy,
    as_trust_policy,
    formats_for,
)
from policystudio.identities.models import Identity, InlinePolicy
from policystudio.identities.selectors import identity_by_arn
from policystudio.interchange.edits import Change
from policystudio.policies.models import ManagedPolicy
from policystudio.policies.selectors import policies_of, versions_of


class Command(ExportCommand):
    """docs/interchange.md describes the formats."""

    help = (
        "Print a policy as its document (policy.json), JSON, AWS CLI commands (sh), Terraform (tf.json) or "
        "CloudFormation (cfn.json, cfn.yaml): a managed policy with what it is attached to, an organization policy, "
        "or the policies of an identity."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, the policy, the format."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument(
            "policy",
            metavar="POLICY",
            help="the name or ARN of a managed policy, the id of an organization policy, or the ARN of an identity",
        )
        parser.add_argument("--policy-version", metavar="ID", help="such as v3; the one in force unless told otherwise")
        parser.add_argument("--inline", metavar="NAME", help="this inline policy of the identity")
        parser.add_argument("--trust", action="store_true", help="the trust policy of the role")
        endings = [one.ending for one in formats_for(is_single=True)]
        parser.add_argument("--format", choices=endings, default="json", help="json unless told otherwise")

    def handle(self, *_args: Any, account: str, policy: str, **options: Any) -> None:
        """Print it."""
        found = found_account(account)
        self.print_as(self._wanted(found, policy, options), options)

    def _wanted(self, account: Account, written: str, options: dict[str, Any]) -> Change:
        if any(f":{kind}/" in written for kind in ("user", "group", "role")):
            return self._of_identity(account, written, options)
        organization_policy = organization_policy_of(account, written)
        if organization_policy is not None:
            return as_organization_policy(account, organization_policy)
        policies = policies_of(account)
        rows = list(policies.filter(arn=written)[:1]) or list(policies.filter(name=written)[:2])
        if len(rows) != 1:
            hint = "write its ARN" if rows else "write its name, or its ARN"
            raise CommandError(f"{'two policies are' if rows else 'no policy is'} called `{written}`: {hint}")
        return self._of_policy(rows[0], options["policy_version"])

    def _of_policy(self, policy: ManagedPolicy, wanted: str | None) -> Change:
        version = next((one for one in versions_of(policy) if wanted in (one.version_id, None)), None)
        if wanted and version is None:
            raise CommandError(f"no version `{wanted}` of {policy.name}")
        return as_managed_policy(policy, version)

    def _of_identity(self, account: Account, arn: str, options: dict[str, Any]) -> Change:
        try:
            identity = identity_by_arn(account, arn)
            if options["inline"]:
                return as_inline_policy(identity, options["inline"])
        except Identity.DoesNotExist:
            raise CommandError(f"no identity `{arn}` in {account.name}") from None
        except InlinePolicy.DoesNotExist:
            raise CommandError(f"no inline policy `{options['inline']}` of {arn}") from None
        if options["trust"] and identity.trust_document is None:
            raise CommandError(f"`{arn}` has no trust policy")
        if not options["trust"] and options["format"] == "policy.json":
            raise CommandError("an identity is no single document: say which one by --inline NAME or --trust")
        return as_trust_policy(identity) if options["trust"] else as_identity(account, arn)
