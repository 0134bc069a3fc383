"""The forms of API clients, access keys and tokens."""

from typing import Any

from django import forms

from policystudio.accounts.models import Account, Role
from policystudio.clients.models import ApiToken
from policystudio.clients.services import MOST_DAYS, USUAL_DAYS, USUAL_TOKEN_DAYS
from policystudio.clients.services.clients import LONGEST_DESCRIPTION

_NAME = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


class _Form(forms.Form):
    """Labels without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class NewClientForm(_Form):
    """A new API client."""

    name = forms.CharField(max_length=64, widget=forms.TextInput(attrs={**_NAME, "placeholder": "nightly-audit"}))
    role = forms.ChoiceField(choices=Role.choices, initial=Role.VIEWER)
    description = forms.CharField(
        label="What it is for",
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.TextInput(attrs={"size": 40}),
    )


class ClientForm(_Form):
    """Another role or description; ``seen`` is the state that they are written over."""

    role = forms.ChoiceField(choices=Role.choices)
    description = forms.CharField(
        label="What it is for",
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.TextInput(attrs={"size": 40}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class KeyForm(_Form):
    """How long a new access key is good for; ``newest`` is the key that was the newest when the form was shown."""

    days = forms.IntegerField(label="Ends after days", min_value=1, max_value=MOST_DAYS, initial=USUAL_DAYS)
    newest = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)


class TokenForm(_Form):
    """A new token of REST; ``newest`` is the token that was the newest when the form was shown."""

    name = forms.CharField(label="Name", max_length=64, widget=forms.TextInput(attrs=_NAME))
    scope = forms.ChoiceField(label="May", choices=ApiToken.Scope.choices, initial=ApiToken.Scope.READ)
    days = forms.IntegerField(label="Ends after days", min_value=1, max_value=MOST_DAYS, initial=USUAL_TOKEN_DAYS)
    newest = forms.CharField(required=False, max_length=25, widget=forms.HiddenInput)


class OwnTokenForm(TokenForm):
    """The same for a person, who may have a role in several accounts."""

    def __init__(self, accounts: list[Account], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = {account.number: account for account in accounts}
        choices = [("", "all your accounts"), *((account.number, str(account)) for account in accounts)]
        self.fields["account"] = forms.ChoiceField(required=False, label="In", choices=choices)
