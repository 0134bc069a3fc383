"""Which questions are asked again? Saved simulations: kept from the simulator, run again, two runs side by side."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policystudio.accounts.models import Account
from policystudio.simulator import saved, services
from policystudio.simulator.models import Simulation, SimulationRun
from policystudio.simulator.saved_questions import SavedQuestion, SavedQuestionError
from policystudio.simulator.saved_runs import RunComparison, asked_of, compare_runs
from policystudio.web import asking
from policystudio.web.access import account_for
from policystudio.web.request import PageRequest
from policystudio.web.simulation_words import answer_of, asked_in_words, decisions_of, rows_of
from policystudio.web.views.accounts import PAGE, account_page, crumbs_of
from policystudio.web.words import count, sentence

#: So many changed decisions, and so many requests of the question, are shown; the others are counted.
SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def simulations(request: PageRequest, number: str) -> HttpResponse:
    """All of them; what the simulator's form sends becomes one more, and is run at once."""
    account = account_for(request, number)
    if request.method == "POST":
        return _save(request, account)
    return _list(request, account)


def _save(request: PageRequest, account: Account) -> HttpResponse:
    asked = asking.read_address(QueryDict(request.POST.get("query", "").removeprefix("?")))
    problems = list(asked.problems)
    if not problems:
        try:
            made = services.simulation_create(
                account=account,
                by=request.user,
                name=request.POST.get("name", ""),
                asked=SavedQuestion(asked.question),
                now=timezone.now(),
            )
        except SavedQuestionError as error:
            problems = [sentence(f"{place}: {said}" if place else said) for place, said in error.problems]
        else:
            return _run(request, made)
    return _list(request, account, problems, request.POST.get("name", ""), request.POST.get("query", ""))


def _list(
    request: PageRequest, account: Account, problems: list[str] | None = None, name: str = "", query: str = ""
) -> HttpResponse:
    found = saved.simulations_of(account)
    total = found.count()
    context = {
        "title": f"Which questions about {account.name} are asked again?",
        "answer": f"{count(total, 'simulation').capitalize()} saved: open one to run it again and to see what changed."
        if total
        else "None is saved yet. Ask the simulator something, and save it there under a name.",
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "problems": problems or (),
        "given": {"name": name, "query": query},
    }
    return account_page(request, account, "simulations", context, status=422 if problems else 200)


@require_safe
def simulation(request: PageRequest, number: str, simulation: int) -> HttpResponse:
    """One of them: what is asked, its runs, and what is decided otherwise in the later one of two."""
    account = account_for(request, number)
    return _page(request, account, _found(account, simulation))


def _page(
    request: PageRequest, account: Account, found: Simulation, error: str = "", status: int = 200
) -> HttpResponse:
    runs = list(saved.runs_of(found))
    told = _compared(request, found, runs)
    asked = asked_of(found)
    pairs = asking.question_pairs(asked.question)
    context = {
        "area": "accounts",
        "account": account,
        "crumbs": crumbs_of(account, ("Simulations", reverse("web:simulations", args=[account.number]))),
        "title": f"What came of “{found.name}”?",
        "answer": answer_of(runs, told),
        "simulation": found,
        "facts": asked_in_words(asked),
        "requests": asked.requests[:SHOWN],
        "more_requests": max(0, len(asked.requests) - SHOWN),
        "simulator": "" if asked.requests else f"{reverse('web:simulator', args=[account.number])}?{urlencode(pairs)}",
        "runs": [(run, decisions_of(run)) for run in runs],
        "told": told,
        "rows": rows_of(account, told, asked, SHOWN) if told else (),
        "more": max(0, len(told.changed) - SHOWN) if told else 0,
        "may_write": services.may_write(request.user, found),
        "error": error,
    }
    return render(request, "accounts/simulation.html", context, status=status)


def _compared(request: PageRequest, found: Simulation, runs: list[SimulationRun]) -> RunComparison | None:
    """The runs that the address names; without one the last two, where there are two."""
    if len(runs) < 2:
        return None
    by_number = {str(run.number): run for run in runs}
    wanted = [request.GET.get(name, str(run.number)) for name, run in (("from", runs[1]), ("to", runs[0]))]
    for number in wanted:
        if number not in by_number:
            raise Http404(f"no run `{number}` of {found}")
    return compare_runs(found, by_number[wanted[0]], by_number[wanted[1]])


@require_POST
def run(request: PageRequest, number: str, simulation: int) -> HttpResponse:
    """Ask it again."""
    account = account_for(request, number)
    return _run(request, _found(account, simulation))


def _run(request: PageRequest, found: Simulation) -> HttpResponse:
    try:
        services.simulation_run(simulation=found, by=request.user, now=timezone.now())
    except SavedQuestionError as error:
        said = sentence("; ".join(message for _, message in error.problems))
        return _page(request, found.account, found, said, status=422)
    return redirect("web:simulation", found.account.number, found.number)


@require_POST
def rename(request: PageRequest, number: str, simulation: int) -> HttpResponse:
    """Give it another name."""
    account = account_for(request, number)
    found = _found(account, simulation)
    try:
        services.simulation_rename(
            simulation=found,
            by=request.user,
            name=request.POST.get("name", ""),
            expected_version=_version(request),
            now=timezone.now(),
        )
    except SavedQuestionError as error:
        return _page(request, account, found, sentence("; ".join(map(": ".join, error.problems))), status=422)
    except services.StaleSimulationError as error:
        return _page(request, account, found, sentence(str(error)), status=409)
    messages.success(request, "The simulation has another name.")
    return redirect("web:simulation", number, simulation)


@require_POST
def remove(request: PageRequest, number: str, simulation: int) -> HttpResponse:
    """Give it up, with its runs."""
    account = account_for(request, number)
    found = _found(account, simulation)
    try:
        services.simulation_remove(
            simulation=found, by=request.user, expected_version=_version(request), now=timezone.now()
        )
    except services.StaleSimulationError as error:
        return _page(request, account, found, sentence(str(error)), status=409)
    messages.success(request, f"Given up: {found.name}.")
    return redirect("web:simulations", number)


def _version(request: PageRequest) -> int:
    """The version that the form was shown with; 0, which is none, where it was changed by hand."""
    written = request.POST.get("version", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0


def _found(account: Account, number: int) -> Simulation:
    try:
        return saved.simulation_get(account, number)
    except (Simulation.DoesNotExist, OverflowError):
        raise Http404(f"no simulation {number} of {account.name}") from None
