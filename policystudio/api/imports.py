"""Imports of account exports: send a file, watch the job, cancel it."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, ClassVar, cast
from uuid import UUID

import django_filters
from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from policystudio.api.access import ApiView, ListView
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import form
from policystudio.awssync import selectors, services
from policystudio.awssync.models import ImportJob
from policystudio.lib import iam_names

_CHUNK = 1024 * 1024


class FileBodyParser(BaseParser):
    """A body that is the file itself, copied to disk as it comes."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, File]:
        """The file, as the field `file` that a form would have."""
        # Closed, and so removed, when nothing holds it any more: at the latest with the request.
        kept = tempfile.TemporaryFile()  # noqa: SIM115 -- it outlives this function
        while chunk := stream.read(_CHUNK):
            kept.write(chunk)
        kept.seek(0)
        return {"file": File(kept, name="export.json")}


class OctetParser(FileBodyParser):
    """Any file, such as a packed one."""

    media_type = "application/octet-stream"


class GzipParser(FileBodyParser):
    """A file that gzip packed."""

    media_type = "application/gzip"


class ZipParser(FileBodyParser):
    """A file that zip packed."""

    media_type = "application/zip"


#: One line of characters that can be printed; of such there are more than stand here.
_LINE = form(r"[ -~\u00a1-\u00ac\u00ae-\u0377\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5]*", maxLength=128)


class NewImportSerializer(serializers.Serializer):
    """An account export and what is to be known of the account."""

    file = serializers.FileField(
        help_text="What `aws iam get-account-authorization-details` printed; also several pages of it, one behind the "
        "other or in an array; also packed by gzip or zip."
    )
    name = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=128,
        help_text="The account's name; without it the known one stays.",
    )
    organization = serializers.RegexField(
        iam_names.ORGANIZATION_ID,
        required=False,
        allow_blank=True,
        help_text="The id of the organization that the account stands in, such as `o-exampleorgid`.",
    )

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """With the form of a name."""
        given = schema["properties"]
        return {**schema, "properties": {**given, "name": {**given["name"], **_LINE}}}


class ProgressSerializer(serializers.Serializer):
    """How far a job is, in steps of its phase."""

    done = serializers.IntegerField(source="progress_done")
    total = serializers.IntegerField(source="progress_total")


class ImportSerializer(serializers.ModelSerializer):
    """An import."""

    progress = ProgressSerializer(source="*")
    created_by = serializers.CharField(
        source="created_by.username", default=None, read_only=True, allow_null=True, help_text="Who asked for it."
    )
    sha256 = serializers.CharField(source="input_digest", help_text="Of the file.")
    report = serializers.DictField(
        allow_null=True, help_text="What was added, changed and removed, and every item that was not understood."
    )

    class Meta:
        model = ImportJob
        fields = [
            "id",
            "state",
            "phase",
            "progress",
            "name",
            "organization",
            "filename",
            "size",
            "sha256",
            "attempts",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
            "error",
            "report",
        ]
        extra_kwargs: ClassVar = {
            "state": {"help_text": "queued, running, and at the end succeeded, failed or cancelled."},
            "phase": {"help_text": "What a running job does: reading or writing."},
            "error": {"help_text": "Why it failed."},
            "attempts": {"help_text": "How often a worker began; a lost worker's job is tried again, thrice at most."},
        }


class ImportFilter(django_filters.FilterSet):
    """Filters of the list of imports."""

    class Meta:
        model = ImportJob
        fields: ClassVar = ["state"]


_NAME = OpenApiParameter(
    "name", _LINE, description="The account's name, where the body is the file itself; in a form it is a field."
)
_ORGANIZATION = OpenApiParameter(
    "organization",
    form("(o-[a-z0-9]{10,32})?"),
    description="The organization's id, where the body is the file itself; in a form it is a field.",
)


class Imports(ListView[ImportJob]):
    """Imports of account exports."""

    queryset = ImportJob.objects.none()
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    orders = {"newest": ("-created_at", "pk"), "state": ("state", "-created_at"), "finished_at": ("finished_at",)}
    parser_classes = [MultiPartParser, FileBodyParser, OctetParser, GzipParser, ZipParser]
    body_limit = settings.UPLOAD_LIMIT

    def body_parts(self, request: Request) -> Iterator[bytes]:
        """The fields, and the file as it stands on disk: it may be larger than what memory has room for."""
        yield repr(sorted(request.query_params.lists())).encode()
        for name, value in sorted(_fields(request).items()):
            yield name.encode()
            if isinstance(value, UploadedFile | File):
                yield from value.chunks()
                value.seek(0)
            else:
                yield str(value).encode()

    def get_throttles(self) -> list[Any]:
        """Watching is free, sending is not."""
        self.throttle_scope = "imports" if self.request.method == "POST" else None
        return super().get_throttles()

    def known_parameters(self) -> frozenset[str]:
        """Of the list, or of a body that is the file itself."""
        if self.request.method == "POST":
            return frozenset({"name", "organization"})
        return super().known_parameters()

    def get_queryset(self) -> QuerySet[ImportJob]:
        """The user's own, the newest first; everybody's for a superuser."""
        _refuse_narrow_token(self)
        return selectors.imports_visible_to(self.request.user)

    @extend_schema(
        operation_id="imports_list",
        summary="Imports",
        description="The imports that you asked for, the newest first.",
    )
    def get(self, request: Request) -> Response:
        """One page of imports."""
        return self.list(request)

    @extend_schema(
        operation_id="imports_create",
        summary="Import an account export",
        description="Answers at once; the import runs as a job: watch it at the address in `Location`. It is one "
        "transaction: all of it is kept or nothing. To change an account that is known already you need to be its "
        "administrator.",
        parameters=[_NAME, _ORGANIZATION],
        request={
            "multipart/form-data": NewImportSerializer,
            "application/json": {"description": "The export itself, as the AWS CLI printed it."},
            "application/gzip": {"type": "string", "format": "binary"},
        },
        responses={202: ImportSerializer},
        filters=False,
    )
    def post(self, request: Request) -> Response:
        """Ask for an import."""
        _refuse_narrow_token(self)
        given = NewImportSerializer(data={**request.query_params.dict(), **_fields(request)})
        given.is_valid(raise_exception=True)
        try:
            job = services.import_create(user=self.person, now=timezone.now(), **given.validated_data)
        except services.ImportRefusedError as error:
            raise Refused([Fault(str(error), "file")]) from None
        place = reverse("api:import", kwargs={"id": job.pk}, request=request)
        return Response(ImportSerializer(job).data, status=status.HTTP_202_ACCEPTED, headers={"Location": place})


class OneImport(ApiView):
    """One import."""

    @extend_schema(
        operation_id="imports_get",
        summary="Watch an import",
        description="With its progress as of now, and with its report when it has ended.",
        responses=ImportSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The job."""
        return Response(ImportSerializer(_job(self, id)).data)


class CancelImport(ApiView):
    """Stopping an import."""

    @extend_schema(
        operation_id="imports_cancel",
        summary="Cancel an import",
        description="A waiting job ends at once, a running one at its next step. Nothing of it is kept. "
        "A job that has ended stays as it is.",
        request=None,
        responses=ImportSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Cancel the job."""
        job = services.import_cancel(by=self.person, job=_job(self, id), now=timezone.now())
        return Response(ImportSerializer(job).data)


def _fields(request: Request) -> dict[str, Any]:
    """The fields of a form, or the file that the body is."""
    data = cast("Mapping[str, Any]", request.data)
    return {name: data[name] for name in data}


def _job(view: ApiView, job_id: UUID) -> ImportJob:
    _refuse_narrow_token(view)
    try:
        return selectors.import_get(view.request.user, job_id)
    except ImportJob.DoesNotExist:
        raise Http404 from None


def _refuse_narrow_token(view: ApiView) -> None:
    """An export may be of any account, and of several, so a token for a single account may not import."""
    token = view.token()
    if token is not None and token.account_id is not None:
        raise PermissionDenied(f"the token `{token.name}` is for one account, and imports may be of any")
