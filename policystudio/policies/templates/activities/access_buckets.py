"""Read and write data in S3."""

from policystudio.policies.templates.activity import Activity, can, cannot
from policystudio.policies.templates.beyond import ACCESS_BUCKETS

VERSION = 1
ACTIVITY = Activity(
    "access-buckets",
    "Access S3 buckets",
    "list the named buckets of the account, and read, write and delete objects in them.",
    (),
    (ACCESS_BUCKETS,),
    (
        can("read an object of the buckets", "s3:GetObject", "arn:{partition}:s3:::{bucket}/train.csv"),
        can("write an object there", "s3:PutObject", "arn:{partition}:s3:::{bucket}/model.tar.gz"),
        cannot("read from another bucket", "s3:GetObject", "arn:{partition}:s3:::somebody-elses/train.csv"),
        cannot(
            "read from a bucket of that name in another account",
            "s3:GetObject",
            "arn:{partition}:s3:::{bucket}/train.csv",
            aws__ResourceAccount="999999999999",
        ),
        cannot("remove a bucket", "s3:DeleteBucket", "arn:{partition}:s3:::{bucket}"),
    ),
)
