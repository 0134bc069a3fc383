"""Two administrators who take the role from each other at the same moment."""

import pytest

from policystudio.accounts.models import Membership, Role
from policystudio.accounts.services import membership_revoke
from tests.factories import make_account, make_membership, make_sign_in
from tests.support.at_once import at_once


@pytest.mark.django_db(transaction=True)
def test_an_account_keeps_one_of_two_administrators_who_remove_each_other() -> None:
    account, dana, vic = make_account(), make_sign_in("dana"), make_sign_in("vic")
    for user in (dana, vic):
        make_membership(user, account, Role.ADMINISTRATOR)
    results = at_once(
        lambda: membership_revoke(by=dana, user=vic, account=account),
        lambda: membership_revoke(by=vic, user=dana, account=account),
    )
    assert sum(isinstance(result, Exception) for result in results) == 1
    assert Membership.objects.count() == 1
