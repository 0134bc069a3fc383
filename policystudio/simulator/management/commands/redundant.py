"""`manage.py redundant`: what of a policy, or of all that an identity has, changes nothing."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError

from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.simulator.evaluation_input import EvaluationInputError, PolicyCache
from policystudio.simulator.management.answering import AnsweringCommand
from policystudio.simulator.redundancy import Found, NoDocument, as_json, of_identity, of_policy, unknown_policy
from policystudio.simulator.redundancy_answers import outcome, redundancy_as_text, redundant_stream, redundant_text
from policystudio.simulator.selectors import UnknownIdentity


class Command(AnsweringCommand):
    """Names statements, entries and conditions without effect; docs/redundant.md describes input and output."""

    help = (
        "Say which statements, actions, resources and conditions change nothing, and why. The exit status is 0 where "
        "everything has an effect, 1 where something has none, 2 where that could not be told."
    )
    line = "{id, policy}"
    stream = staticmethod(redundant_stream)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What is stored, or a file."""
        parser.add_argument("account", nargs="?", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("--policy", metavar="ARN", help="a managed policy of the account")
        parser.add_argument("--identity", metavar="ARN", help="all policies of a user, group or role of the account")
        parser.add_argument("--file", metavar="POLICY.json", help="a document, or an object as `evaluate` takes it")
        super().add_arguments(parser)

    def handle(self, *_args: Any, account: str | None, lines: str | None, **options: Any) -> None:
        """Look through, print, and leave with the status of the outcome."""
        form, file = options["format"], options["file"]
        policy, identity = options["policy"], options["identity"]
        if lines is not None:
            self.answer_lines(lines, (account, policy, identity, file), form)
            return
        if file is not None:
            if account or policy or identity:
                self.refuse("--file stands alone: it is about no account")
            try:
                found = redundant_text(self.read(file), PolicyCache())
            except EvaluationInputError as error:
                self.refuse_inputs(error, {"policy": file}, form)
                return
        else:
            if account is None or bool(policy) is bool(identity):
                self.refuse("name an ACCOUNT and either --policy or --identity, or a --file")
            found = self._stored(account or "", policy, identity)
        self.say(redundancy_as_text(found), as_json(found), form)
        self.leave(outcome(found))

    def _stored(self, account: str, policy: str | None, identity: str | None) -> Found:
        try:
            known = account_find(account)
            return of_policy(known, policy) if policy else of_identity(known, identity or "")
        except ObjectDoesNotExist:
            self.refuse(unknown_policy(known, policy or ""))
        except (AccountNotFoundError, UnknownIdentity, NoDocument) as error:
            self.refuse(str(error))
        except DatabaseError as error:
            self.refuse(f"the database cannot answer ({error}): has `manage.py migrate` run?")
        raise AssertionError("refused above")
