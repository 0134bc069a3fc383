"""Idempotency-Key: a creation that is sent again by the same key is answered as the first time, and done once.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from policystudio.api.models import KeptAnswer
from policystudio.api.problems import Fault, Refused

HEADER = "Idempotency-Key"
#: So long an answer is kept.
KEPT_FOR = timedelta(hours=24)
#: Who has begun to answer and not ended after so long was lost: the key may be used again.
LOST_AFTER = timedelta(minutes=10)
_KEY = re.compile(r'"?[\x21\x23-\x7e]{1,255}"?')
_HEADERS = ("Location", "ETag")

PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": r"^[\x21\x23-\x7e]{1,255}$"},
    OpenApiParameter.HEADER,
    description="A text of your own, another one for each thing that you make: where an answer was lost, send the same "
    "request with the same key again, and nothing is made twice. Kept for 24 hours.",
)


def answer_once(view: Any, handler: Callable[..., Response]) -> Callable[..., Response]:
    """The handler of a POST, which does nothing where the key of the request was answered before."""

    def post(request: Request, *args: Any, **kwargs: Any) -> Response:
        body = _digest(*view.body_parts(request))
        key = _digest(str(request.user.pk).encode(), request.path.rstrip("/").encode(), _key_of(request).encode())
        kept, is_new = _begin(key, body, request.user.pk)
        if not is_new:
            return _again(kept)
        try:
            # What is made and its answer are written together, or neither is.
            with transaction.atomic():
                response = handler(request, *args, **kwargs)
                _keep(kept, response, tells=not view.tells_secret)
        except BaseException:
            kept.delete()
            raise
        return response

    return post


def forget_answers(now: datetime) -> int:
    """Remove what was kept for its time; how many they were."""
    return KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _key_of(request: Request) -> str:
    written = request.headers.get(HEADER, "").strip()
    if _KEY.fullmatch(written) is None:
        raise Refused([Fault("must be 1 to 255 characters of ASCII without spaces", HEADER, where="header")])
    return written.strip('"')


def _digest(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _begin(key: str, body: str, user: Any) -> tuple[KeptAnswer, bool]:
    """The row of the key, and whether this request is the one to answer it."""
    now = timezone.now()
    KeptAnswer.objects.filter(digest=key, created_at__lt=now - KEPT_FOR).delete()
    KeptAnswer.objects.filter(digest=key, status=None, created_at__lt=now - LOST_AFTER).delete()
    fields = {"user_id": user, "body": body, "created_at": now}
    kept, is_new = KeptAnswer.objects.get_or_create(digest=key, defaults=fields)
    if kept.body != body:
        raise Refused(
            [Fault("was used for another body before: take another key", HEADER, where="header")],
            status_code=status.HTTP_409_CONFLICT,
        )
    return kept, is_new


def _keep(kept: KeptAnswer, response: Response, *, tells: bool) -> None:
    headers = {name: response.headers[name] for name in _HEADERS if name in response.headers}
    text = json.dumps(response.data, cls=JSONEncoder, ensure_ascii=False) if tells else ""
    kept.status, kept.headers, kept.text = response.status_code, headers, text
    kept.save(update_fields=["status", "headers", "text"])


def _again(kept: KeptAnswer) -> Response:
    if kept.status is None:
        refused = Refused(
            [Fault("is being answered: come back in a moment", HEADER, where="header")],
            status_code=status.HTTP_409_CONFLICT,
        )
        refused.wait = 1
        raise refused
    if not kept.text:
        said = "was answered before with a secret, which is told once: look at the list, and make another one"
        raise Refused([Fault(said, HEADER, where="header")], status_code=status.HTTP_409_CONFLICT)
    headers = {**kept.headers, "Idempotency-Replayed": "true"}
    return Response(json.loads(kept.text), status=kept.status, headers=headers)
