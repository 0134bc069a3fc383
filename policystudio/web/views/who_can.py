"""Who can do this on that ARN? Identities, directly or through which assumed roles, with their conditions."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.question import QuestionError
from policystudio.simulator.sentences import short
from policystudio.simulator.trusts import Step
from policystudio.simulator.who_can import Answer, Found, who_can
from policystudio.simulator.who_can_evidence import Chain, Evidence, Prover
from policystudio.simulator.who_can_question import WhoCanQuestion, who_can_question
from policystudio.simulator.who_can_words import answer_of, called, question_of, takes_of, text_of
from policystudio.simulator.witnesses import Witness
from policystudio.web.access import account_for
from policystudio.web.addresses import identity_address
from policystudio.web.asking import Cell, cell_pairs, question_pairs
from policystudio.web.request import PageRequest
from policystudio.web.views.accounts import crumbs_of
from policystudio.web.who_can_form import Sent, actions_on, fields, read
from policystudio.web.words import WORDS

PAGE = 50
#: Those who can, or may be able to: what is shown unless somebody asks for others.
CAN = "ASCU"
_LETTERS = "ASCUEI"
_NEVER = frozenset({CellVerdict.EXPLICIT_DENY, CellVerdict.IMPLICIT_DENY})
#: What people ask about most, as a beginning.
USUAL = (
    "sagemaker:DeleteEndpoint",
    "sagemaker:InvokeEndpoint",
    "sagemaker:CreateTrainingJob",
    "sagemaker:DeleteModel",
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:CreatePresignedDomainUrl",
    "sagemaker:CreateEndpoint",
    "sagemaker:ListModels",
)
#: What outsiders are, in words.
KINDS = {
    "service": "AWS service",
    "federated": "identity provider",
    "session": "one session",
    "account": "unknown account",
    "everyone": "not known",
    "unread": "not known",
}


@require_safe
def page(request: PageRequest, number: str) -> HttpResponse:
    """Who can do this on that ARN? A submitted form is sent on to its canonical address."""
    account = account_for(request, number)
    sent = read(account, request.GET)
    if sent.from_form:
        return HttpResponseRedirect(f"{request.path}{sent.query()}")
    problems: list[str] = []
    asked, answer = _answer(request, account, sent, problems) if sent.value("action") else (None, None)
    resource = sent.value("resource")
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account),
        "title": question_of(asked) if asked else _title(account, resource),
        "answer": answer_of(answer) if answer else _opening(resource, problems),
        "form": fields(account, sent),
        "problems": problems,
        "moment": asked.moment.moment if asked else "",
        "usual": [] if resource or asked else [(name, sent.query(action=name)) for name in USUAL],
        "offered": list(_offered(sent)) if resource and not sent.value("action") else [],
        "found": None if answer is None or asked is None else _evidence(request, account, answer, asked, sent),
    }
    return render(request, "who_can/who_can.html", context)


def _answer(
    request: PageRequest, account: Account, sent: Sent, problems: list[str]
) -> tuple[WhoCanQuestion, Answer] | tuple[None, None]:
    try:
        asked = who_can_question(account, sent.lists)
        return asked, who_can(account, asked, accounts.accounts_visible_to(request.user))
    except QuestionError as error:
        problems += [f"{name}: {message}" for name, message in error.problems]
        return None, None


def _title(account: Account, resource: str) -> str:
    return f"Who can do what on {short(resource)}?" if resource else f"Who can do something in {account.name}?"


def _opening(resource: str, problems: Sequence[str]) -> str:
    if problems:
        return "Not everything in this question was understood."
    if resource:
        return "Choose an action."
    return "Choose an action, and the ARN or the pattern of ARNs that it is about."


def _offered(sent: Sent) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for level, names in actions_on(sent.value("resource")):
        yield level, [(name, sent.query(action=name)) for name in names]


def _evidence(
    request: PageRequest, account: Account, answer: Answer, asked: WhoCanQuestion, sent: Sent
) -> dict[str, Any]:
    """All that stands below the first line: one page of the rows that were chosen."""
    chosen = answer.chosen(who_can_question(account, {**sent.lists, "verdict": [*sent.values("verdict")] or [CAN]}))
    shown = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    with answer.lock:
        view = _View(account, answer, asked)
        rows = [view.row(row) for row in shown.object_list]
    return {
        "rows": rows,
        "page": shown,
        "chips": list(_chips(answer, asked, sent)),
        "direct": asked.direct,
        "toggled": sent.query(direct="" if asked.direct else "1"),
        "notes": answer.notes,
        "nobody": "" if rows else _nobody(answer, asked),
        "others": sent.query(verdict="EI") if not asked.verdicts else "",
        "left": sum(answer.verdicts[letter] for letter in "EI"),
    }


def _chips(answer: Answer, asked: WhoCanQuestion, sent: Sent) -> Iterator[tuple[str, str, bool]]:
    """Choices among the verdicts that there are: label, address, whether it is taken."""
    can = sum(answer.verdicts[letter] for letter in CAN)
    groups = ", with groups" if any(row.kind == "group" and row.is_possible for row in answer.rows) else ""
    yield f"who can{groups} {can:,}", sent.query(verdict=""), not asked.verdicts
    for letter in _LETTERS:
        if answer.verdicts[letter]:
            label = f"{WORDS[letter]} {answer.verdicts[letter]:,}"
            yield label, sent.query(verdict=letter), asked.verdicts == {letter}
    yield f"everybody {len(answer.rows):,}", sent.query(verdict=_LETTERS), asked.verdicts == set(_LETTERS)


def _nobody(answer: Answer, asked: WhoCanQuestion) -> str:
    if len(answer.rows) == 1:
        return "No identity of the account is known: import the account first."
    chosen = " or ".join(WORDS[letter] for letter in _LETTERS if letter in asked.verdicts)
    direct = " by their own policies" if asked.direct else ""
    return f"Nobody has the verdict {chosen}{direct}." if chosen else f"Nobody can{direct}."


class _View:
    """Rows of the table."""

    def __init__(self, account: Account, answer: Answer, asked: WhoCanQuestion) -> None:
        self.account, self.answer, self.asked = account, answer, asked
        self.prover = Prover(answer)

    def row(self, row: Found) -> dict[str, Any]:
        """Who, with which verdict, in which ways."""
        direct = self.prover.direct(row)
        chains, more = self.prover.chains(row)
        never = direct.cell.verdict in _NEVER
        ways = [self._direct(row, direct)] if not (chains and never) else []
        through = [self._chain(chain) for chain in chains]
        always = direct.cell.verdict is CellVerdict.ALLOWED
        return {
            "name": called(row),
            "address": self._address(row.account, row.bearer.id) if row.bearer is not None else "",
            "where": self._where(row),
            "letter": row.verdict.value,
            "ways": ways if always else [*ways, *through],
            "also": through if always else [],
            "more": more,
        }

    def _where(self, row: Found) -> str:
        """What is to be told of an account beside the name."""
        if row.outsider is not None:
            return KINDS[row.kind]
        if row.account == self.account.number:
            return ""
        return f"account {self.answer.accounts[row.account].name} ({row.account})"

    def _address(self, number: str, pk: int | None) -> str:
        return identity_address(self.answer.accounts[number], pk)

    def _direct(self, row: Found, evidence: Evidence) -> dict[str, Any]:
        said = text_of(evidence)
        return {
            "letter": evidence.cell.verdict.value,
            "said": said.removeprefix("allowed").strip() if said.startswith("allowed") else said,
            "never": evidence.cell.verdict in _NEVER,
            "why": self._why(row),
            "requests": _requests([("allowed", evidence.allowed), ("not allowed", evidence.denied)]),
        }

    def _chain(self, chain: Chain) -> dict[str, Any]:
        last = self.answer.by_arn.get(chain.steps[-1][0].role)
        end = chain.end
        requests = [(f"assumes {_role_name(step)}", evidence.allowed) for step, evidence in chain.steps]
        return {
            "letter": chain.verdict.value,
            "steps": [self._step(step, evidence) for step, evidence in chain.steps],
            "said": text_of(end) if last and end.cell.verdict is not CellVerdict.ALLOWED else "",
            "why": self._why(last) if last is not None else "",
            "requests": _requests(
                [*requests, (f"{self.asked.action} as {_role_name(chain.steps[-1][0])}", end.allowed)]
            ),
        }

    def _step(self, step: Step, evidence: Evidence) -> dict[str, str]:
        number, found = step.role.split(":")[4], self.answer.by_arn.get(step.role)
        bearer = found.bearer if found is not None else None
        return {
            "name": _role_name(step),
            "address": self._address(number, bearer.id) if bearer is not None else "",
            "where": self.answer.accounts[number].name if number in self.answer.accounts else f"account {number}",
            "elsewhere": "" if number == self.account.number else "1",
            "by": "" if step.action == "sts:AssumeRole" else step.action,
            "takes": takes_of(evidence),
        }

    def _why(self, row: Found) -> str:
        """The Why of the cell, with what is known here; empty where the simulator has no such cell."""
        asked = self.asked
        if row.bearer is None or row.account != asked.owner or asked.service != "sagemaker":
            return ""
        types = asked.types or (("*",) if asked.resource == "*" else ())
        if not types:
            return ""
        region = asked.resource.split(":")[3] if asked.resource != "*" else ""
        pairs = [("region", region)] if region and not set(region) & set("*?") else []
        for key, values in asked.context.items():
            pairs += [("context", f"{key}={value}") for value in values] or [("context", f"!{key}")]
        pairs += question_pairs(asked.moment)
        pairs += cell_pairs(Cell(row.arn, asked.action, types[0]))
        return f"{reverse('web:why', args=[row.account])}?{urlencode(pairs)}"


def _role_name(step: Step) -> str:
    name = step.role.rpartition("/")[2]
    return "a role" if name == "*" else name


def _requests(sides: Sequence[tuple[str, Witness | None]]) -> list[dict[str, Any]]:
    return [
        {
            "said": said,
            "resource": witness.resource,
            "context": [(key, ", ".join(values)) for key, values in sorted(witness.context.items()) if values],
        }
        for said, witness in sides
        if witness is not None
    ]
