"""What helps whoever writes a policy: its findings, what it grants, how it gets shorter, how it may be split."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from policystudio.changes import services
from policystudio.changes.models import Edit
from policystudio.engine.analyse.minify import minify
from policystudio.engine.analyse.shadow import PAGE_BUDGET
from policystudio.engine.analyse.split import CannotSplit
from policystudio.engine.analyse.split import split as split_policy
from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.registry import lint
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.simulator.redundancy_answers import what_was_done
from policystudio.simulator.validation import validation_as_json
from policystudio.web import editing_grants
from policystudio.web.editor import published_text, quota_of
from policystudio.web.request import PageRequest
from policystudio.web.views.edit import edit_for, posted_json, standing


@require_POST
def findings(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """What there is to find in the text that was sent."""
    edited = edit_for(request, number, change, pk)
    text = posted_json(request, text=str)["text"]
    found = lint(text, _kind(edited)) if text.strip() else ()
    return JsonResponse(validation_as_json(text, found))


@require_POST
def grants(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """What the text that was sent grants and what differs from what is published; as JSON why it is no policy."""
    edited = edit_for(request, number, change, pk)
    text = posted_json(request, text=str)["text"]
    try:
        policy = parse_policy(text, _kind(edited))
    except PolicyError as error:
        return _no_policy(error, status=200)  # nobody did anything wrong: it is being written
    shown = editing_grants.of_draft(policy, published_text(edited), edited.change.account)
    return render(request, "changes/_grants.html", {"account": edited.change.account, "shown": shown})


@require_POST
def shorter(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """The text that was sent without what has no effect, with the proof that it says the same; 422 where it is none."""
    edited = edit_for(request, number, change, pk)
    text = posted_json(request, text=str)["text"]
    try:
        policy = parse_policy(text, _kind(edited))
    except PolicyError as error:
        return _no_policy(error)
    found = minify(policy, budget=PAGE_BUDGET)
    done = list(what_was_done(policy, found))
    return JsonResponse({"text": found.text, "proved": found.proved, "done": done})


@require_POST
def split(request: PageRequest, number: str, change: int, pk: int) -> HttpResponse:
    """How the text that was sent may be split in policies within the quota; with `take` it is done, with `back` undone.

    Both write, so they need the `version` of the edit that was seen.
    """
    edited = edit_for(request, number, change, pk)
    posted = posted_json(request, text=str, version=int)
    try:
        if posted.get("back"):
            saved = services.edit_unsplit(
                edit=edited, by=request.user, expected_version=posted["version"], text=posted["text"]
            )
            return JsonResponse({"version": saved.version, "text": saved.text})
        found = split_policy(parse_policy(posted["text"], _kind(edited)), quota_of(edited).most, budget=PAGE_BUDGET)
        plan = services.split_plan(edited, len(found.texts))
        said = {"texts": found.texts, "proved": found.proved, "names": plan.names, "bearers": plan.bearers}
        if not posted.get("take"):
            return JsonResponse(said)
        texts = found.texts
        saved = services.edit_split(edit=edited, by=request.user, expected_version=posted["version"], texts=texts)
        return JsonResponse(said | {"version": saved.version, "text": saved.text})
    except PolicyError as error:
        return _no_policy(error)
    except services.StaleError as error:
        return JsonResponse(standing(error), status=409)
    except (CannotSplit, services.EditError, services.ChangeStateError) as error:
        return JsonResponse({"message": str(error)}, status=422)


def _kind(edited: Edit) -> PolicyKind:
    kind = edited.policy_kind
    assert kind is not None, "edit_for lets only edits with a text through"  # noqa: S101 -- narrows the type
    return kind


def _no_policy(error: PolicyError, status: int = 422) -> HttpResponse:
    """Where the text is no policy, and why."""
    first = error.problems[0]
    start = first.span.start
    said: dict[str, Any] = {"message": first.message, "line": start.line, "column": start.column}
    return JsonResponse(said | {"more": len(error.problems) - 1}, status=status)
