"""Pairs of policy stacks: what a comparison claims of them, held against concrete requests and cvc5."""

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Comparison, Effective, Witness
from policystudio.engine.analyse.scope import needs_resource_policy
from policystudio.engine.arn import is_account_id
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.types import Column
from policystudio.engine.compile import compile_stack
from policystudio.engine.decision import Verdict
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from tests.engine.property.borders import Borders, Values
from tests.engine.property.claims import Contradiction, stack_as_json
from tests.engine.property.oracle_smt import Oracle, Unsupported, World

ACCOUNT = "123456789012"
#: How many of a comparison's changes have their witnesses decided.
CHANGES = 40
#: Who asks where a bare document is compared.
ANYBODY = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/anybody")


class Pair:
    """Two stacks and what `compare` says of them."""

    def __init__(self, before: Effective, after: Effective, seed: object) -> None:
        self.stacks, self.seed = (before.stack, after.stack), seed
        self.facts, self.asked_principal = before.facts, before.principal
        self.principal = before.principal or ANYBODY
        self.keys = load_condition_keys()
        self.comparison: Comparison = compare(before, after)
        self.backwards: Comparison = compare(after, before)
        self.compiled = [compile_stack(stack, self.keys) for stack in self.stacks]
        self.both = PolicyStack(
            tuple(item for stack in self.stacks for item in (*stack.identity_policies, *_around(stack)))
        )

    def borders(self, column: Column) -> Borders:
        """Requests near the borders of either side."""
        return Borders(self.both, load_sagemaker(), column, self.facts, self.keys, ACCOUNT)

    def request(self, action: str, resource: str, context: Mapping[str, Values]) -> Request:
        """A request with what is known, and the rest as the context says."""
        entries: dict[str, Values] = {**self.facts.known, **{key.lower(): values for key, values in context.items()}}
        if self.asked_principal is None and resource.startswith("arn:"):
            # A bare document is anybody's: whoever owns the resource.
            _, partition, _, _, account, _ = resource.split(":", 5)
            account = account if is_account_id(account) else ACCOUNT
            owner = Principal.parse(f"arn:{partition}:iam::{account}:user/anybody")
            return Request(owner, action, resource, account, Context(entries))
        return Request(self.principal, action, resource, ACCOUNT, Context(entries))

    def allowed(self, action: str, resource: str, context: Mapping[str, Values]) -> tuple[bool, bool]:
        """Whether before and after allow the request."""
        request = self.request(action, resource, context)
        before, after = (stack.decide(request).verdict is Verdict.ALLOWED for stack in self.compiled)
        return before, after

    def contradict(self, what: str, witness: Witness | None = None) -> Contradiction:
        """The finding as text, ready to be pasted."""
        lines = [what, f"seed: {self.seed}", str(self.comparison)[:1500]]
        known = {key: list(values) for key, values in self.facts.known.items()}
        if witness is not None:
            request = self.request(witness.action, witness.resource, witness.context)
            decided = [authorize(self.owned(stack, request), request, self.keys) for stack in self.stacks]
            known = {key: list(values) for key, values in request.context.items()}
            lines.append(f"{witness}: before {decided[0].verdict}, after {decided[1].verdict}")
        for name, stack in zip(("before", "after"), self.stacks, strict=True):
            asked = {"principal": self.principal.arn, **stack_as_json(stack), "context": known}
            lines.append(f"{name}: {json.dumps(asked)}")
        return Contradiction("\n".join(lines))

    def check(self, dice: random.Random, columns: Sequence[Column], samples: int = 12) -> None:
        """Hold every claim against samples of the columns, and each witness against `authorize`."""
        self.check_claims()
        for column in columns:
            borders = self.borders(column)
            for _ in range(samples):
                context = borders.context(dice)
                self.check_request(column, borders.resource(dice, context), context)

    def check_claims(self) -> None:
        """What the parts of the answer say of each other, and every witness."""
        found, back = self.comparison, self.backwards
        for mine, theirs in ((found.no_new_access, back.no_lost_access), (found.no_lost_access, back.no_new_access)):
            if mine is not theirs and None not in (mine, theirs):
                raise self.contradict("the comparison backwards says otherwise")
        for claim, witness in (
            (found.no_new_access, found.newly_allowed),
            (found.no_lost_access, found.newly_denied),
        ):
            if (claim is False) is not (witness is not None):
                raise self.contradict("new or lost access goes with a witness, and only then")
            if claim is None and not found.undecided:
                raise self.contradict("undecided without a reason")
        witnesses = [(found.newly_allowed, True), (found.newly_denied, False)]
        for change in found.changes[:: 1 + len(found.changes) // CHANGES]:
            witnesses += [(change.newly_allowed, True), (change.newly_denied, False)]
            sides = (found.no_new_access, change.newly_allowed), (found.no_lost_access, change.newly_denied)
            if any(claim is True and witness for claim, witness in sides):
                raise self.contradict("a change within no change")
        for witness, new in witnesses:
            if witness is not None:
                self.check_witness(witness, new=new)

    def check_witness(self, witness: Witness, *, new: bool) -> None:
        """The witness is allowed by one side and not by the other, in a context of free keys."""
        request = self.request(witness.action, witness.resource, witness.context)
        verdicts = [authorize(self.owned(stack, request), request, self.keys).verdict for stack in self.stacks]
        sides = [verdict is Verdict.ALLOWED for verdict in verdicts]
        if sides != [not new, new]:
            raise self.contradict(f"the witness of {'new' if new else 'lost'} access is not", witness)
        known = [key for key in witness.context if self.facts.knows(key.lower())]
        if known:
            raise self.contradict(f"the witness sets {known}, which are known", witness)
        account = witness.resource.split(":")[4] if witness.resource != "*" else ACCOUNT
        if self.asked_principal is not None and is_account_id(account) and account != ACCOUNT:
            raise self.contradict("the witness is of another account", witness)

    @staticmethod
    def owned(stack: PolicyStack, request: Request) -> PolicyStack:
        """The stack beside a resource policy that leaves the decision to the account, where there must be one."""
        is_key = request.action.startswith("kms:") and ":key/" in request.resource
        if not is_key and not needs_resource_policy(request.action):
            return stack
        kind = PolicyKind.RESOURCE if is_key else PolicyKind.TRUST
        statement = {"Effect": "Allow", "Principal": {"AWS": request.principal.account}, "Action": request.action}
        document = {"Statement": {**statement, **({"Resource": "*"} if is_key else {})}}
        return replace(stack, resource_policy=NamedPolicy("owner", parse_policy(json.dumps(document), kind)))

    def check_request(self, column: Column, resource: str, context: Mapping[str, Values]) -> None:
        """One request: where it changes, the comparison says so, and names its cell."""
        before, after = self.allowed(column.action, resource, context)
        if before is after:
            return
        claim = self.comparison.no_new_access if after else self.comparison.no_lost_access
        witness = Witness(column.action, resource, context)
        if claim is True:
            raise self.contradict("access changes that is said not to", witness)
        if claim is False and column.types_known and not self.names(column, new=after):
            raise self.contradict(f"the change of {column.action} on {column.resource_type} is not named", witness)

    def names(self, column: Column, *, new: bool) -> bool:
        """Whether the cell is among the changes."""
        for change in self.comparison.changes:
            if (change.action, change.resource_type) == (column.action, column.resource_type):
                return bool(change.undecided or (change.newly_allowed if new else change.newly_denied))
        return False

    def check_with_smt(self, columns: Sequence[Column], count: Counter[str]) -> None:
        """For each column and direction, cvc5 finds a request exactly where the comparison names a change."""
        for column in columns:
            try:
                self.check_column_with_smt(column, count)
            except Unsupported as reason:
                count[f"unsupported: {reason}"] += 1

    def check_column_with_smt(self, column: Column, count: Counter[str]) -> None:
        """One column, both directions."""
        if not column.types_known:
            raise Unsupported("resource types that are not published")
        borders = self.borders(column)
        oracle = Oracle(self.stacks, column.action, self.facts, self.keys, borders.is_free)
        found = load_sagemaker().resource_type(column.resource_type)
        # A bare document is compared over the resources of every account.
        known = {"Partition": "aws", **({} if self.asked_principal is None else {"Account": ACCOUNT})}
        place, world = oracle.place("r", found.arn if found else "*", known), World("c")
        before, after = (oracle.allowed(place, world, stack=number) for number in (0, 1))
        for new, formulas in ((True, [after, oracle.no(before)]), (False, [before, oracle.no(after)])):
            answer = oracle.solve(*formulas)
            count[f"smt {'new' if new else 'lost'} {answer}"] += 1
            if answer:
                context = {**borders.absent, **oracle.context_of(world)}
                resource = oracle.resource_of(place)
                if self.allowed(column.action, resource, context) != (not new, new):
                    witness = Witness(column.action, resource, context)
                    raise self.contradict("cvc5 and `authorize` differ about this request", witness)
                self.check_request(column, resource, context)
            elif answer is False and self.names(column, new=new):
                named = self.witness_of(column, new=new)
                if named is not None and named.resource.startswith(("arn:aws:", "*")):
                    raise self.contradict("cvc5: there is no such change", named)

    def witness_of(self, column: Column, *, new: bool) -> Witness | None:
        """The witness of the cell's change."""
        for change in self.comparison.changes:
            if (change.action, change.resource_type) == (column.action, column.resource_type):
                return change.newly_allowed if new else change.newly_denied
        return None


def _around(stack: PolicyStack) -> list[NamedPolicy]:
    levels = [item for level in stack.service_control_policies or () for item in level]
    return [*([stack.permissions_boundary] if stack.permissions_boundary else []), *levels]
