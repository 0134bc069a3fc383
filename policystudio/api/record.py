"""The audit record: who did what, when and from where; and whether the record is what was written."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Role
from policystudio.api.access import AccountView, ApiView
from policystudio.api.paging import limit_of, next_link
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import DAY_OR_NONE, form
from policystudio.audit import selectors, services
from policystudio.audit.models import AuditEntry, AuditVerification
from policystudio.audit.selectors import Place, WantedError, wanted_from

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000


class EntrySerializer(serializers.Serializer):
    """One thing that was done."""

    sequence = serializers.IntegerField(help_text="Its place in the record, from 1 without a gap.")
    at = serializers.DateTimeField()
    actor = serializers.CharField(help_text="A sign-in name, `command line`, or empty: nobody was signed in.")
    address = serializers.CharField(help_text="Where the request came from; empty where there was none.")
    account = serializers.CharField(help_text="The account that it is about; empty for the whole studio.")
    action = serializers.CharField(help_text="Noun and verb, such as `change.published`.")
    target = serializers.CharField(help_text="What it was done to: an ARN, an account number, an id.")
    details = serializers.DictField(help_text="What stood there before and after, and what else is to be known.")
    previous_hash = serializers.CharField(help_text="The hash of the entry before.")
    hash = serializers.CharField(help_text="Over all other fields.")


class EntriesSerializer(serializers.Serializer):
    """A page of entries."""

    next = serializers.URLField(allow_null=True, help_text="The address of the page that follows; null on the last.")
    searched_to = serializers.DateTimeField(
        allow_null=True, help_text="With `target`: back to when entries were looked through; null: all were."
    )
    results = EntrySerializer(many=True)


class VerificationSerializer(serializers.Serializer):
    """What came of reading the whole record last."""

    checked_at = serializers.DateTimeField(allow_null=True, help_text="When it was read; null: never yet.")
    asked_at = serializers.DateTimeField(allow_null=True, help_text="Since when it waits to be read again.")
    whole = serializers.BooleanField(help_text="Whether it was read and is what was written.")
    last_entry = serializers.IntegerField(help_text="The sequence of the last entry that was read.")
    flaw_count = serializers.IntegerField()
    flaws = serializers.ListField(child=serializers.CharField(), help_text="At most the first 100.")


def _query(name: str, said: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, more.pop("kind", str), description=said, **more)


_ADDRESS = {"anyOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "maxLength": 0}]}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
_CURSOR = form("[0-9]{1,17}-[0-9]{1,18}")
FILTERS = [
    _query("actor", "A sign-in name, exactly."),
    _query("action", "An action, such as `change.published`."),
    _query("target", "Part of what it was done to, in any letter case."),
    _query("address", "The IP address that the request came from.", kind=_ADDRESS),
    _query("since", "The first day, such as `2026-03-01`, in UTC.", kind=DAY_OR_NONE),
    _query("until", "The last day; not before the first.", kind=DAY_OR_NONE),
    _query("limit", f"How many at most: 1 to {MAX_LIMIT:,}, by default {DEFAULT_LIMIT}.", kind=_LIMIT),
    _query("cursor", "Where the page begins: it stands in `next` of the page before.", kind=_CURSOR),
]
_SAID = (
    "Newest first, in pages: `next` is the address of the page that follows. With `target` a page may hold less than "
    "`limit`, or nothing, and yet not be the last: each looks through so many entries at most."
)
_PARAMETERS = frozenset({*selectors.PARAMETERS, "limit", "cursor"})


class AccountRecord(AccountView):
    """The entries of an account."""

    needed_role = Role.ADMINISTRATOR
    parameters: ClassVar[frozenset[str]] = _PARAMETERS

    @extend_schema(
        operation_id="record_list_of_account",
        summary="Who did what in an account",
        description=_SAID,
        parameters=FILTERS,
        responses=EntriesSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """One page."""
        return _page(request, [self.account.number])


class AccountEntry(AccountView):
    """One entry of an account."""

    needed_role = Role.ADMINISTRATOR

    @extend_schema(operation_id="record_get_of_account", summary="One entry of an account", responses=EntrySerializer)
    def get(self, request: Request, number: str, sequence: int) -> Response:
        """The entry."""
        return _one([self.account.number], sequence)


class SuperuserView(ApiView):
    """An endpoint for superusers, whose token is for all accounts."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """403 for everybody else."""
        super().initial(request, *args, **kwargs)
        if request.method not in self.allowed_methods:
            return
        token = self.token()
        if not getattr(self.person, "is_superuser", False) or (token is not None and token.account_id is not None):
            raise PermissionDenied("the whole record is for superusers; that of an account for its administrators")


class Record(SuperuserView):
    """All entries."""

    parameters: ClassVar[frozenset[str]] = _PARAMETERS

    @extend_schema(
        operation_id="record_list",
        summary="Who did what in the whole studio",
        description=_SAID,
        parameters=FILTERS,
        responses=EntriesSerializer,
    )
    def get(self, request: Request) -> Response:
        """One page."""
        return _page(request, None)


class Entry(SuperuserView):
    """One entry."""

    @extend_schema(operation_id="record_get", summary="One entry", responses=EntrySerializer)
    def get(self, request: Request, sequence: int) -> Response:
        """The entry."""
        return _one(None, sequence)


class Verification(SuperuserView):
    """Whether the record is what was written."""

    @extend_schema(
        operation_id="record_verification_get",
        summary="Whether the record is what was written",
        description="What came of reading all of it last: once a day, when somebody asked, or by `manage.py "
        "verify_audit`.",
        responses=VerificationSerializer,
    )
    def get(self, request: Request) -> Response:
        """The last state."""
        return Response(_as_json(selectors.verification()))

    @extend_schema(
        operation_id="record_verification_ask",
        summary="Have the record verified",
        description="A worker reads all of it; `asked_at` is null again when that is done.",
        request=None,
        responses={202: VerificationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask for it."""
        state = services.verification_ask(by=self.person, now=timezone.now())
        return Response(_as_json(state), status=status.HTTP_202_ACCEPTED)


def _page(request: Request, accounts: list[str] | None) -> Response:
    asked = request.query_params
    try:
        wanted = wanted_from(accounts, asked.dict())
    except WantedError as error:
        raise Refused([Fault(message, name, where="query") for name, message in error.problems]) from None
    try:
        after = Place.read(asked["cursor"]) if "cursor" in asked else None
    except ValueError:
        raise Refused([Fault("is none: take it from `next` of an answer", "cursor", where="query")]) from None
    part = selectors.part_of(wanted, after=after, size=limit_of(request, DEFAULT_LIMIT, MAX_LIMIT))
    return Response(
        {
            "next": next_link(request, str(part.further)) if part.further else None,
            "searched_to": part.searched_to,
            "results": EntrySerializer(part.entries, many=True).data,
        }
    )


def _one(accounts: list[str] | None, sequence: int) -> Response:
    try:
        entry = selectors.entry_get(accounts, min(sequence, 2**63 - 1))
    except AuditEntry.DoesNotExist:
        raise Http404 from None
    return Response(EntrySerializer(entry).data)


def _as_json(state: AuditVerification) -> dict[str, Any]:
    return {
        "checked_at": state.checked_at,
        "asked_at": state.asked_at,
        "whole": state.is_whole,
        "last_entry": state.sequence,
        "flaw_count": state.flaw_count,
        "flaws": state.flaws,
    }
