"""What people ask first about SageMaker: a few actions, and who can take them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from policystudio.accounts.models import Account
from policystudio.simulator.question import ColumnFilter, Question
from policystudio.simulator.selectors import MatrixPage, Row, matrix
from policystudio.web.words import count, listing, sentence

#: (what somebody does, the action, its resource type)
TASKS = (
    ("run training jobs", "sagemaker:CreateTrainingJob", "training-job"),
    ("create notebook instances", "sagemaker:CreateNotebookInstance", "notebook-instance"),
    ("create models", "sagemaker:CreateModel", "model"),
    ("create endpoints", "sagemaker:CreateEndpoint", "endpoint"),
    ("invoke endpoints", "sagemaker:InvokeEndpoint", "endpoint"),
    ("delete endpoints", "sagemaker:DeleteEndpoint", "endpoint"),
)
#: In larger accounts the tasks are not looked up for every identity whenever a page is opened.
MOST_IDENTITIES = 2_000
_NAMES = 4


@dataclass(frozen=True)
class Headline:
    """One task, and the identities that can do it: ``allowed`` always, ``partly`` on some resources or conditions."""

    title: str
    action: str
    type: str
    allowed: Sequence[Row]
    partly: Sequence[Row]
    address: str = ""

    @property
    def able(self) -> int:
        """How many can do it at all."""
        return len(self.allowed) + len(self.partly)

    @property
    def names(self) -> str:
        """The first of them by name."""
        rows = [*self.allowed, *self.partly]
        shown = [label_of(row) for row in rows[:_NAMES]]
        more = len(rows) - len(shown)
        return listing([*shown, f"{more} more"]) if more > 0 else listing(shown) or "nobody"


def label_of(row: Row) -> str:
    """How a row is called: `user/ana`, `root user`."""
    return "root user" if row.kind == "root" else f"{row.kind}/{row.name}"


def narrowed(question: Question) -> Question:
    """The same question about the tasks alone, for all identities that it asks about."""
    types = tuple(dict.fromkeys(kind for _, _, kind in TASKS))
    return replace(question, columns=ColumnFilter(types=types), verdicts=frozenset())


def headlines_of(account: Account, question: Question | None = None) -> list[Headline]:
    """Who can do each task; nothing in an account with more than ``MOST_IDENTITIES``."""
    page = matrix(account, narrowed(question or Question()), limit=MOST_IDENTITIES)
    if page.total > MOST_IDENTITIES:
        return []
    places = {(column.action, column.resource_type): at for at, column in enumerate(page.columns)}
    base = reverse("web:simulator", args=[account.number])
    found = []
    for title, action, kind in TASKS:
        at = places[action, kind]
        query = urlencode([("action", action.partition(":")[2]), ("type", kind), ("open", kind)])
        allowed = [row for row in page.rows if row.verdicts[at] == "A"]
        partly = [row for row in page.rows if row.verdicts[at] in "SC"]
        found.append(Headline(title, action, kind, allowed, partly, f"{base}?{query}"))
    return found


def of_grid(page: MatrixPage, headlines: Sequence[Headline]) -> str:
    """The simulator's answer: `41 identities, 684 cells each. 6 can create endpoints; nobody can delete them.`"""
    size = sentence(f"{count(page.total, 'identity', 'identities')}, {count(len(page.columns), 'cell')} each")
    if not page.total or not page.columns or not headlines:
        return size
    by_title = {headline.title: headline for headline in headlines}
    create, delete = by_title["create endpoints"], by_title["delete endpoints"]
    train = by_title["run training jobs"]
    said = (
        f"{_who(train, 'run training jobs')}; {_who(create, 'create endpoints')}; {_who(delete, 'delete them')}"
        if create.able
        else f"{_who(train, 'run training jobs')}; {_who(create, 'create endpoints')}"
    )
    return f"{size} {sentence(said)}"


def _who(headline: Headline, title: str) -> str:
    """`11 can run training jobs (8 within limits)`: limits are conditions, or some resources only."""
    if not headline.able:
        return f"nobody can {title}"
    limits = f" ({len(headline.partly):,} within limits)" if headline.partly else ""
    if not headline.allowed:
        limits = " (within limits)"
    return f"{headline.able:,} can {title}{limits}"
