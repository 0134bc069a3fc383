"""Jobs: what runs in the background for you. Imports of account exports, and the findings of your accounts."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Account
from policystudio.api.access import ApiView
from policystudio.api.paging import DEFAULT_LIMIT, MAX_LIMIT, limit_of, page_parameters, start_of, worked_out_page
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import or_none
from policystudio.awssync import selectors as imports
from policystudio.awssync.models import ImportJob
from policystudio.findings import selectors as findings

KINDS = ["import", "findings"]
STATES = [str(one) for one in ImportJob.State.values]
_CURSOR = "jobs"
_FINDINGS = "findings-"


class JobSerializer(serializers.Serializer):
    """A job."""

    id = serializers.CharField(help_text="That of the import, or `findings-` and the number of the account.")
    kind = serializers.ChoiceField(KINDS)
    state = serializers.ChoiceField(STATES)
    attempts = serializers.IntegerField(help_text="How often a worker began; it is tried three times at most.")
    account = serializers.CharField(allow_null=True, help_text="Of findings; an import may be of several, see there.")
    progress_done = serializers.IntegerField(help_text="Of an import, in steps of its phase.")
    progress_total = serializers.IntegerField()
    created_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(help_text="Why it failed; else empty.")


class JobsSerializer(serializers.Serializer):
    """A page of jobs."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, help_text="The address of the page that follows; null on the last.")
    results = JobSerializer(many=True)


class JobView(ApiView):
    """What the jobs of the user are."""

    def imports(self) -> QuerySet[ImportJob]:
        """The imports; a token for one account sees none, because an import may be of any."""
        token = self.token()
        found = imports.imports_visible_to(self.person)
        return found if token is None or token.account_id is None else found.none()

    def accounts(self) -> QuerySet[Account]:
        """Whose findings are jobs."""
        return self.visible_accounts()


_STATE = or_none({"type": "string", "enum": STATES})


class Jobs(JobView):
    """All jobs."""

    parameters = frozenset({"kind", "state", "limit", "cursor"})

    @extend_schema(
        operation_id="jobs_list",
        summary="Jobs",
        description="Imports that you asked for, the newest first; then for each account of yours the working out of "
        "its findings, as it stands.",
        parameters=[
            OpenApiParameter("kind", or_none({"type": "string", "enum": KINDS}), description="Only jobs of this kind."),
            OpenApiParameter(
                "state", or_none({"type": "string", "enum": STATES}), description="Only jobs in this state."
            ),
            *(
                OpenApiParameter(one["name"], one["schema"], description=one["description"])
                for one in page_parameters(DEFAULT_LIMIT, MAX_LIMIT)
            ),
        ],
        responses=JobsSerializer,
    )
    def get(self, request: Request) -> Response:
        """One page of them."""
        limit = limit_of(request, DEFAULT_LIMIT, MAX_LIMIT)
        kind, state = _chosen(request, "kind", KINDS), _chosen(request, "state", STATES)
        jobs = [job for job in self._jobs(kind) if state in ("", job["state"])]
        names = [job["id"] for job in jobs]
        start = start_of(request, _CURSOR, names)
        page = worked_out_page(request, _CURSOR, names, start, limit)
        return Response({**page, "results": jobs[start : start + limit]})

    def _jobs(self, kind: str) -> Iterator[dict[str, Any]]:
        if kind != "findings":
            yield from map(_import, self.imports().defer("report"))
        if kind != "import":
            yield from map(_findings, self.accounts())


class OneJob(JobView):
    """One job."""

    @extend_schema(
        operation_id="jobs_get",
        summary="Watch a job",
        description="An import has its report below `imports/`.",
        responses=JobSerializer,
    )
    def get(self, request: Request, job: str) -> Response:
        """As it stands now."""
        if job.startswith(_FINDINGS):
            account = self.accounts().filter(number=job.removeprefix(_FINDINGS)).first()
            if account is None:
                raise Http404
            return Response(_findings(account))
        try:
            found = self.imports().get(pk=UUID(job))
        except (ValueError, ImportJob.DoesNotExist):
            raise Http404 from None
        return Response(_import(imports.with_progress(found)))


def _import(job: ImportJob) -> dict[str, Any]:
    return {
        "id": str(job.pk),
        "kind": "import",
        "state": job.state,
        "attempts": job.attempts,
        "account": None,
        "progress_done": job.progress_done,
        "progress_total": job.progress_total,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "error": job.error,
    }


def _findings(account: Account) -> dict[str, Any]:
    job = findings.job_of(account)
    return {
        "id": f"{_FINDINGS}{account.number}",
        "kind": "findings",
        "state": job.state,
        "attempts": job.attempts,
        "account": account.number,
        "progress_done": 0,
        "progress_total": 0,
        "created_at": job.asked_at,
        "finished_at": job.worked_at if job.state == "succeeded" else None,
        "error": job.error,
    }


def _chosen(request: Request, name: str, known: list[str]) -> str:
    written = request.query_params.get(name, "")
    if written and written not in known:
        raise Refused([Fault(f"must be one of {', '.join(known)}", name, where="query")])
    return written
