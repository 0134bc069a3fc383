"""The explanation of one kind of finding."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from policystudio.web.finding_help import help_for
from policystudio.web.request import PageRequest
from policystudio.web.words import sentence


@require_safe
def finding_code(request: PageRequest, code: str) -> HttpResponse:
    """What does this finding mean?"""
    found = help_for(code)
    if found is None:
        raise Http404(f"no finding has the code `{code}`")
    whose = "a check of AWS's policy validation" if found.is_of_aws else "a check of the studio's own"
    kind = found.type.lower().replace("_", " ")
    context = {
        "area": "accounts",
        "title": f"What does {found.code} mean?",
        "answer": sentence(f"{found.title}: {'an' if kind[0] in 'aeiou' else 'a'} {kind}, {whose}"),
        "finding": found,
    }
    return render(request, "changes/finding_code.html", context)
