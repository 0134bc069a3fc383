"""Addresses that more than one page links to."""

from django.urls import reverse

from policystudio.accounts.models import Account


def identity_address(account: Account, pk: int | None) -> str:
    """The page of an identity; that of the root user where it has no row.

    Empty for one that is not in the database: of the past, or of a change that is not published.
    """
    if pk is not None and pk < 0:
        return ""
    if pk is None:
        return reverse("web:root", args=[account.number])
    return reverse("web:identity", args=[account.number, pk])
