"""Reads of the audit record: lists of entries, newest first, a page at a time however many there are."""

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from policystudio.audit.models import AuditEntry, AuditVerification
from policystudio.lib.said import Contrary

#: Entries that hold a text are looked for among so many at a time: where there are few of them, a page is short.
WINDOW = 50_000
#: Beyond so many, entries are not counted.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; everything that is not given matches all.

    ``accounts`` are the numbers whose entries may be read, None for the whole record; ``text`` is part of a target;
    ``since`` and ``until`` are days in UTC, both of them among what is found.
    """

    accounts: frozenset[str] | None
    actor: str = ""
    action: str = ""
    address: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing but the accounts limits what is found."""
        return self == Wanted(self.accounts)


class WantedError(ValueError):
    """Something in what is asked for cannot be read; ``problems`` holds a pair of parameter and sentence for each."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in problems))
        self.problems = problems


#: The parameters by which entries are chosen, in the browser as over REST.
PARAMETERS = ("actor", "action", "address", "target", "since", "until")


def wanted_from(accounts: Collection[str] | None, given: Mapping[str, str]) -> Wanted:
    """What the parameters ask for, each as somebody wrote it. Raises ``WantedError``."""
    texts = {name: given.get(name, "").strip() for name in PARAMETERS}
    problems = [
        (name, "is too long, or has a NUL character in it")
        for name, text in texts.items()
        if len(text) > 2048 or "\0" in text
    ]
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        try:
            days[name] = _day(texts[name]) if texts[name] else None
        except ValueError:
            problems.append((name, f"must be a day such as 2026-03-31, not `{texts[name][:40]}`"))
    if texts["address"]:
        try:
            texts["address"] = str(ipaddress.ip_address(texts["address"]))
        except ValueError:
            problems.append(("address", f"must be an IP address, not `{texts['address'][:60]}`"))
    if not problems and days["since"] and days["until"] and days["since"] > days["until"]:
        problems.append(("until", Contrary("must not be before `since`")))
    if problems:
        raise WantedError(problems)
    return Wanted(
        None if accounts is None else frozenset(accounts),
        actor=texts["actor"],
        action=texts["action"],
        address=texts["address"],
        text=texts["target"],
        **days,
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the time and the sequence of its last entry."""

    at: datetime
    sequence: int

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}-{self.sequence}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place that was written so; raises ``ValueError``."""
        moment, dash, sequence = text.partition("-")
        if not (dash and len(text) < 60 and text.isascii() and moment.isdigit() and sequence.isdigit()):
            raise ValueError(f"`{text}` is no place in the record")
        try:
            at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moment))
        except OverflowError:
            raise ValueError(f"`{text}` is no place in the record") from None
        return cls(at, min(int(sequence), 2**63 - 1))


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the list. ``further`` is where it goes on, None at the end; ``searched_to`` is told where a text was
    looked for, and not yet in everything: the time back to which it was.
    """

    entries: list[AuditEntry]
    further: Place | None
    searched_to: datetime | None = None


def entries_wanted(wanted: Wanted) -> QuerySet[AuditEntry]:
    """All entries that are asked for, newest first."""
    found = AuditEntry.objects.order_by("-at", "-sequence")
    if wanted.accounts is not None:
        found = found.filter(account__in=wanted.accounts)
    for name in ("actor", "action", "address"):
        value = getattr(wanted, name)
        if value:
            found = found.filter(**{name: value})
    if wanted.text:
        found = found.filter(target__icontains=wanted.text)
    if wanted.since:
        found = found.filter(at__gte=datetime.combine(wanted.since, time(), UTC))
    if wanted.until:
        found = found.filter(at__lt=datetime.combine(wanted.until, time(), UTC) + timedelta(days=1))
    return found


def part_of(wanted: Wanted, *, after: Place | None = None, size: int = 50) -> Part:
    """The entries behind a place, at most so many."""
    end = _end_of_window(wanted, after) if wanted.text else None
    found = _behind(entries_wanted(wanted), after)
    if end is not None:
        found = found.filter(Q(at__gt=end.at) | Q(at=end.at, sequence__gte=end.sequence))
    entries = list(found[: size + 1])
    if len(entries) > size:
        last = entries[size - 1]
        return Part(entries[:size], Place(last.at, last.sequence))
    return Part(entries, end, end.at if end else None)


def count_of(wanted: Wanted) -> int | None:
    """How many entries there are; None where a text is looked for, ``MOST_COUNTED`` + 1 where they are more."""
    if wanted.text:
        return None
    return entries_wanted(wanted).order_by()[: MOST_COUNTED + 1].count()


def entry_get(accounts: Collection[str] | None, sequence: int) -> AuditEntry:
    """One entry of the accounts (None: of the whole record); raises ``AuditEntry.DoesNotExist``."""
    entries = AuditEntry.objects.all() if accounts is None else AuditEntry.objects.filter(account__in=accounts)
    return entries.get(sequence=sequence)


def actions_recorded(account: str | None) -> list[str]:
    """The actions that there are entries of, in one account or (None) in the whole record.

    Each is looked up as the next one in the index: the database would read all entries to find them apart.
    """
    limit, parameters = ("account = %s AND", [account]) if account is not None else ("", [])
    step = f"SELECT MIN(action) FROM audit_auditentry WHERE {limit} action > "  # noqa: S608 -- of the two texts above
    query = f"WITH RECURSIVE found(action) AS (SELECT ({step} '') UNION ALL SELECT ({step} found.action) FROM found WHERE found.action IS NOT NULL) SELECT action FROM found WHERE action IS NOT NULL"  # noqa: S608, E501 -- the same
    with connection.cursor() as cursor:
        cursor.execute(query, parameters * 2)
        return [action for (action,) in cursor.fetchall()]


def verification() -> AuditVerification:
    """What came of reading the whole record last."""
    return AuditVerification.objects.first() or AuditVerification()


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.isoformat() != text or day.year > 9000:
        raise ValueError(text)
    return day


def _behind(entries: QuerySet[AuditEntry], place: Place | None) -> QuerySet[AuditEntry]:
    if place is None:
        return entries
    # The first condition is the range that the index is read in, the second takes what stands at its border.
    return entries.filter(at__lte=place.at).filter(Q(at__lt=place.at) | Q(at=place.at, sequence__lt=place.sequence))


def _end_of_window(wanted: Wanted, after: Place | None) -> Place | None:
    """The last entry that is looked at for a text; None where that is the end of the list."""
    everything = _behind(entries_wanted(replace(wanted, text="")), after)
    last = everything.values_list("at", "sequence")[WINDOW - 1 : WINDOW].first()
    return Place(*last) if last else None
