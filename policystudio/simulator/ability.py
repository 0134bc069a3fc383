"""What an identity can do, and the roles that it can pass on: all that its page says of it, read at once."""

from dataclasses import dataclass

from policystudio.accounts.models import Account
from policystudio.engine.exact.cell import CellVerdict
from policystudio.identities.models import Identity
from policystudio.simulator.question import ListQuery, Question
from policystudio.simulator.scenario_question import scenario_from_query
from policystudio.simulator.scenarios import RoleChoice, roles_to_pass
from policystudio.simulator.stacks import Bearer, Subject, SubjectReader
from policystudio.simulator.what_can import Summary, read_one, summary_of

#: The operation that is looked at: a training job always runs as a role that its caller passes.
TRAINING = "CreateTrainingJob"
#: In accounts with more roles these are not looked through whenever the page is opened.
MOST_ROLES = 300


@dataclass(frozen=True)
class Passing:
    """The roles as which training jobs of an identity can run: surely, and under conditions or undecided.

    ``allowed`` are all that it may pass, whether they trust SageMaker or not.
    """

    surely: tuple[Bearer, ...]
    perhaps: tuple[Bearer, ...]
    allowed: tuple[Bearer, ...]

    @property
    def possible(self) -> tuple[Bearer, ...]:
        """All that may work."""
        return (*self.surely, *self.perhaps)


@dataclass(frozen=True)
class Ability:
    """The summary; ``passing`` is None for groups, which call nothing, and where there are too many roles."""

    summary: Summary
    passing: Passing | None


def ability(account: Account, question: Question) -> Ability:
    """What the one identity that a question is about can do and pass on; raises ``UnknownIdentity``."""
    reader, subject = read_one(account, question)
    return Ability(summary_of(reader, subject, question), _passing(reader, subject))


def _passing(reader: SubjectReader, subject: Subject) -> Passing | None:
    unreadable = subject.row.unreadable_identity or subject.row.unreadable_around
    if subject.bearer.kind == "group" or unreadable:
        return None
    roles = Identity.objects.filter(account=reader.account, kind=Identity.Kind.ROLE)
    if roles.count() > MOST_ROLES:
        return None
    asked = scenario_from_query(ListQuery([("operation", TRAINING), ("identity", subject.bearer.arn)]))
    return _sorted(roles_to_pass(reader, subject, asked))


def _sorted(choices: tuple[RoleChoice, ...]) -> Passing:
    never = (CellVerdict.EXPLICIT_DENY, CellVerdict.IMPLICIT_DENY)
    surely = tuple(one.bearer for one in choices if one.works is CellVerdict.ALLOWED)
    perhaps = tuple(one.bearer for one in choices if one.works is CellVerdict.CONDITIONAL)
    return Passing(surely, perhaps, tuple(one.bearer for one in choices if one.letter not in never))
