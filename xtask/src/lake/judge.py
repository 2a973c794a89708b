"""Reads a lake with engines that are not ours and compares their answers with ours.

judge.py bucket ENDPOINT        makes the test bucket
judge.py read FOLDER ENDPOINT   reads FOLDER/exchanges and s3://vedette/engines/exchanges
"""

import json
import pathlib
import sys

KEY = "test"
BUCKET = "vedette"
TABLE = "engines/exchanges"
POLARS = {"Text": "String", "Time": "Datetime(time_unit='us', time_zone='UTC')", "Int": "Int32", "Long": "Int64", "Date": "Date"}
CLICKHOUSE = {"Text": "String", "Time": "DateTime64(6", "Int": "Int32", "Long": "Int64", "Date": "Date32"}


def bucket(endpoint):
    import boto3

    session = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=KEY)
    session.create_bucket(Bucket=BUCKET)


def compare(who, expected, found):
    wrong = {name: (value, found.get(name)) for name, value in expected.items() if found.get(name) != value}
    if wrong:
        sys.exit(f"{who}: expected and found differ: {wrong}")
    print(f"{who}: {len(expected)} answers agree")


def types(who, columns, names, found):
    wrong = {c["name"]: found.get(c["name"]) for c in columns if names[c["kind"]] not in str(found.get(c["name"]))}
    if wrong or list(found) != [c["name"] for c in columns]:
        sys.exit(f"{who}: columns or types differ: {wrong or list(found)}")
    print(f"{who}: {len(columns)} columns agree")


def polars(who, document, place, options):
    import deltalake
    import polars as pl

    table = deltalake.DeltaTable(place, storage_options=options)
    assert table.metadata().configuration["vedette.schema_version"] == "1"
    frame = pl.scan_delta(place, storage_options=options)
    types(who, document["columns"], POLARS, {name: str(kind) for name, kind in frame.collect_schema().items()})
    found = {}
    context = pl.SQLContext(exchanges=frame)
    for name, question in document["questions"].items():
        found[name] = context.execute(question.replace("count(distinct seq * 100000 + record)", "count(distinct (seq * 100000 + record))"), eager=True).item()
    edges = frame.select(pl.col("at").min().dt.epoch("us").alias("first_at"), pl.col("at").max().dt.epoch("us").alias("last_at")).collect()
    found |= {name: edges[name].item() for name in edges.columns}
    compare(who, document["answers"], found)


def clickhouse(who, document, source):
    import chdb

    def ask(question):
        return json.loads(chdb.query(question, "JSONCompact").bytes())["data"]

    described = ask(f"describe table {source}")
    types(who, document["columns"], CLICKHOUSE, {row[0]: row[1] for row in described})
    found = {}
    for name, question in document["questions"].items():
        found[name] = int(ask(question.replace("from exchanges", f"from {source}"))[0][0])
    edges = ask(f"select toUnixTimestamp64Micro(min(at)), toUnixTimestamp64Micro(max(at)) from {source}")[0]
    found |= {"first_at": int(edges[0]), "last_at": int(edges[1])}
    compare(who, document["answers"], found)


def read(folder, endpoint):
    document = json.loads((folder / "expected.json").read_text())
    options = {
        "AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": KEY,
    }
    local = folder / "exchanges"
    polars("Polars, disk", document, str(local), None)
    polars("Polars, S3", document, f"s3://{BUCKET}/{TABLE}", options)
    clickhouse("ClickHouse, disk", document, f"deltaLakeLocal('{local}')")
    clickhouse("ClickHouse, S3", document, f"deltaLake('{endpoint}/{BUCKET}/{TABLE}', '{KEY}', '{KEY}')")


if sys.argv[1] == "bucket":
    bucket(sys.argv[2])
else:
    read(pathlib.Path(sys.argv[2]), sys.argv[3])
