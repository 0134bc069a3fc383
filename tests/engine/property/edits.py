"""Edits of policies of which it is known that they allow nothing new, or change nothing."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack
from tests.engine.property import random_stacks as make

Json = dict[str, Any]


def _documents(stack: PolicyStack) -> list[Json]:
    documents = [json.loads(item.policy.text) for item in stack.identity_policies]
    for document in documents:
        if isinstance(document["Statement"], dict):
            document["Statement"] = [document["Statement"]]
    return documents


def _with(stack: PolicyStack, documents: list[Json]) -> PolicyStack:
    named = [
        NamedPolicy(item.name, parse_policy(json.dumps(document), item.policy.kind))
        for item, document in zip(stack.identity_policies, documents, strict=True)
    ]
    return replace(stack, identity_policies=tuple(named))


def _listed(statement: Json, element: str) -> list[str]:
    found = statement[element]
    return [found] if isinstance(found, str) else list(found)


def _pick(documents: list[Json], dice: random.Random, effect: str, element: str = "Effect") -> Json | None:
    found = [
        item for document in documents for item in document["Statement"] if item["Effect"] == effect and element in item
    ]
    return dice.choice(found) if found else None


def add_deny(documents: list[Json], dice: random.Random) -> bool:
    """Another statement that denies."""
    dice.choice(documents)["Statement"].append({**make.statement(dice), "Effect": "Deny"})
    return True


def drop_allow(documents: list[Json], dice: random.Random) -> bool:
    """One Allow less."""
    for document in dice.sample(documents, len(documents)):
        allows = [item for item in document["Statement"] if item["Effect"] == "Allow"]
        if allows and len(document["Statement"]) > 1:
            document["Statement"].remove(dice.choice(allows))
            return True
    return False


def add_condition(documents: list[Json], dice: random.Random) -> bool:
    """One more condition on an Allow."""
    statement = _pick(documents, dice, "Allow")
    if statement is None:
        return False
    block = statement.setdefault("Condition", {})
    for operator, keys in dice.choice(make.CONDITIONS).items():
        for key, values in keys.items():
            block.setdefault(operator, {}).setdefault(key, values)
    return True


def drop_deny_condition(documents: list[Json], dice: random.Random) -> bool:
    """A Deny without its conditions."""
    statement = _pick(documents, dice, "Deny", "Condition")
    if statement is not None:
        del statement["Condition"]
    return statement is not None


def narrow_resource(documents: list[Json], dice: random.Random) -> bool:
    """An Allow on fewer resources, or a Deny that spares fewer."""
    statement = _pick(documents, dice, "Allow", "Resource") or _pick(documents, dice, "Deny", "NotResource")
    if statement is None:
        return False
    element = "Resource" if "Resource" in statement else "NotResource"
    entries = _listed(statement, element)
    index = dice.randrange(len(entries))
    if entries[index] == "*":
        entries[index] = dice.choice(("arn:aws:sagemaker:*:*:*", "arn:aws:sagemaker:*:*:*/dev-*"))
    elif entries[index].endswith("*") and entries[index].count(":") >= 5:
        entries[index] = entries[index][:-1] + dice.choice(("x*", "*a", "?*", "-?*"))
    elif len(entries) > 1:
        del entries[index]
    else:
        return False
    statement[element] = entries
    return True


def widen_not_resource(documents: list[Json], dice: random.Random) -> bool:
    """An Allow that leaves out more, or a Deny on more."""
    statement = _pick(documents, dice, "Allow", "NotResource") or _pick(documents, dice, "Deny", "Resource")
    if statement is None:
        return False
    element = "NotResource" if "NotResource" in statement else "Resource"
    statement[element] = [*_listed(statement, element), dice.choice(make.RESOURCES)]
    return True


def narrow_action(documents: list[Json], dice: random.Random) -> bool:
    """An Allow of fewer actions."""
    statement = _pick(documents, dice, "Allow", "Action")
    if statement is None:
        return False
    actions = _listed(statement, "Action")
    index = dice.randrange(len(actions))
    narrower = {"*": "sagemaker:*", "sagemaker:*": "sagemaker:*Model", "sagemaker:Create*": "sagemaker:CreateM*"}
    if actions[index] in narrower:
        actions[index] = narrower[actions[index]]
    elif len(actions) > 1:
        del actions[index]
    else:
        return False
    statement["Action"] = actions
    return True


def reorder(documents: list[Json], dice: random.Random) -> bool:
    """The same statements in another order, one of them twice."""
    for document in documents:
        dice.shuffle(document["Statement"])
    chosen = dice.choice(documents)
    chosen["Statement"].append(json.loads(json.dumps(dice.choice(chosen["Statement"]))))
    return True


def split(documents: list[Json], dice: random.Random) -> bool:
    """A statement with two entries as two statements."""
    for document in documents:
        for statement in list(document["Statement"]):
            for element in ("Action", "Resource"):
                if element in statement and len(_listed(statement, element)) > 1:
                    first, *others = dice.sample(entries := _listed(statement, element), len(entries))
                    document["Statement"].append({**statement, element: others})
                    statement[element] = [first]
                    return True
    return False


Edit = Callable[[list[Json], random.Random], bool]
NARROWING: tuple[Edit, ...] = (
    add_deny,
    drop_allow,
    add_condition,
    drop_deny_condition,
    narrow_resource,
    widen_not_resource,
    narrow_action,
)
NEUTRAL: tuple[Edit, ...] = (reorder, split)


def edited(stack: PolicyStack, dice: random.Random, edit: Edit) -> PolicyStack | None:
    """The stack after an edit of its identity policies; None where the edit does not apply to them."""
    documents = _documents(stack)
    return _with(stack, documents) if documents and edit(documents, dice) else None


def bounded(stack: PolicyStack, dice: random.Random) -> PolicyStack | None:
    """The stack under a boundary, or within one more level of an organization."""
    if stack.permissions_boundary is None:
        return replace(stack, permissions_boundary=make.policy(dice, "boundary"))
    return None


def narrowed(stack: PolicyStack, dice: random.Random) -> tuple[PolicyStack, str]:
    """The stack after one or two edits that allow nothing new, and their names."""
    names = []
    for _ in range(dice.choice((1, 1, 2))):
        edit = dice.choice((*NARROWING, None))
        found = bounded(stack, dice) if edit is None else edited(stack, dice, edit)
        if found is not None:
            stack = found
            names.append("bounded" if edit is None else edit.__name__)
    return stack, ", ".join(names)


def rewritten(stack: PolicyStack, dice: random.Random) -> PolicyStack:
    """The stack in other words."""
    for edit in NEUTRAL:
        stack = edited(stack, dice, edit) or stack
    return stack
