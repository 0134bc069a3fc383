"""API clients in the browser: from none to one whose key AWS's own SDK uses, and back to none that lets anybody in."""

import configparser
import re
from pathlib import Path
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import expect

from tests.e2e.pages import RESEARCH, assert_fine


def test_a_key_is_issued_used_and_revoked(open_page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(f"{RESEARCH}clients/")
    name = f"nightly-{uuid4().hex[:6]}"
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What may {name} do in research?")
    page.get_by_role("button", name="Issue an access key").click()
    expect(page.locator("#issued-key")).to_contain_text("shown this once")
    assert_fine(page)
    page.get_by_role("button", name="Copy the secret").click()
    expect(page.get_by_role("button", name=re.compile("Copied|Could not copy"))).to_be_visible()
    # What the page says is put into files, as it says.
    for variable, block in (("AWS_SHARED_CREDENTIALS_FILE", "aws-credentials"), ("AWS_CONFIG_FILE", "aws-config")):
        file = tmp_path / block
        file.write_text(page.locator(f"#{block}").inner_text())
        assert configparser.ConfigParser().read(file)
        monkeypatch.setenv(variable, str(file))
    session = boto3.Session(profile_name="policy-studio")
    iam, sts = session.client("iam"), session.client("sts")
    assert sts.get_caller_identity()["Account"] == "111122223333"
    assert [user["UserName"] for user in iam.list_users()["Users"]]
    page.goto(page.url.removesuffix("keys/"))
    row = page.get_by_role("row", name=re.compile("AKIA"))
    expect(row).to_contain_text("127.0.0.1")
    row.get_by_role("button", name=re.compile("^Revoke AKIA")).click()
    expect(page.get_by_role("status")).to_contain_text("lets nobody in any more")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        sts.get_caller_identity()
    assert_fine(page)


def test_it_is_done_by_keyboard_alone(open_page) -> None:
    page = open_page("/you/")
    page.get_by_label("Name").focus()
    page.keyboard.type("my script")
    page.keyboard.press("Enter")
    expect(page.locator("#issued-token")).to_contain_text("The token my script, shown this once")
    assert_fine(page)
    page.get_by_role("button", name="Revoke my script").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("lets nobody in any more")
