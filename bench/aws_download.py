"""An account of 10,000 identities downloaded over AWS's protocol by boto3, page by page, signatures and all."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3

from bench.installation import installations
from bench.matrix_http import served
from tools.make_bench_accounts import Shape, write_export

SHAPE = Shape(identities=10_000, policies=100)
PAGE_SIZES = (100, 1000)


def main() -> None:
    """Print for each database and size of pages how long the download took, and its slowest page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export.json"
        with export.open("w", encoding="utf-8") as output:
            write_export(output, SHAPE)
        for installation in installations(folder):
            installation.manage("import_account", str(export), "--name", "bench")
            issued = installation.manage("issue_access_key", "bench", "--account", SHAPE.account)
            key = json.loads(issued.output)
            print(f"  {SHAPE.identities:,} identities, {installation.database}, one worker", flush=True)
            with served(installation) as port:
                for size in PAGE_SIZES:
                    print(f"  {downloaded(client(port, key), size)}", flush=True)


def client(port: int, key: dict[str, str]) -> Any:
    """boto3 as a script would use it."""
    return boto3.client(
        "iam",
        endpoint_url=f"http://127.0.0.1:{port}/aws/",
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def downloaded(iam: Any, size: int) -> str:
    """What a whole download in pages of this size took."""
    count = 0
    times: list[float] = []
    begin = time.monotonic()
    for page in iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": size}):
        times.append(time.monotonic() - begin - sum(times))
        count += sum(len(page[key]) for key in ("UserDetailList", "GroupDetailList", "RoleDetailList"))
    assert count == SHAPE.identities
    return f"pages of {size:>4}: {sum(times):5.1f} s in {len(times)} requests, the slowest {max(times):.2f} s"


if __name__ == "__main__":
    main()
