"""Starts `vedette serve` with sample traffic and has schemathesis judge its API.

usage: judge.py VEDETTE TRAFFIC.har.ndjson.gz FOLDER
"""

import os
import subprocess
import sys
import threading
import time
import urllib.request

# What a server must never do, and what the document must hold. Not `positive_data_acceptance`: a well-formed id that does
# not exist is rightly 404. Not `ignored_auth` (it would need to know which credential is enough; the test that walks every
# route with every role does). Not `use_after_free` and `ensure_resource_availability`, which guess at relations.
CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "unsupported_method",
        "negative_data_rejection",
        "missing_required_header",
    ]
)

# A live feed never ends; a metrics page is text.
EXCLUDED = ["/v1/feed", "/v1/logout"]

# What may take the judge's own credential away is judged last.
LAST = ["delete_tokens_id", "delete_users_id", "patch_users_id", "delete_users_id_totp"]

# How lines of JSON are written; the judge knows no such media type.
HOOKS = """
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
"""


def start(vedette, folder):
    data = os.path.join(folder, "data")
    command = [vedette, "serve", "--data", data, "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    url = token = None
    while url is None or token is None:
        line = server.stderr.readline()
        if not line:
            sys.exit("the server ended before it listened")
        if "listening on " in line:
            url = line.split("listening on ", 1)[1].strip()
        if "admin token: " in line:
            token = line.split("admin token: ", 1)[1].strip()
    log = open(os.path.join(folder, "server.log"), "w")

    def drain():
        for line in server.stderr:
            log.write(line)
            log.flush()

    threading.Thread(target=drain, daemon=True).start()
    return server, url, token


def ask(url, token, body=None, encoding=None):
    request = urllib.request.Request(url, data=body, headers={"Authorization": f"Bearer {token}"})
    if body is not None:
        request.add_header("Content-Type", "application/x-ndjson")
    if encoding is not None:
        request.add_header("Content-Encoding", encoding)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()


def main():
    vedette, traffic, folder = sys.argv[1:4]
    server, url, token = start(vedette, folder)
    try:
        with open(traffic, "rb") as file:
            print(ask(f"{url}/v1/exchanges", token, file.read(), "gzip")[:200].decode())
        for _ in range(200):
            if b'"total":0' not in ask(f"{url}/v1/endpoints?limit=1", token):
                break
            time.sleep(0.1)
        judge = os.path.join(os.path.dirname(sys.executable), "schemathesis")
        examples = os.environ.get("EXAMPLES", "12")
        command = [judge, "run", f"{url}/v1/openapi.json", "--header", f"Authorization: Bearer {token}"]
        command += ["--checks", CHECKS, "--max-examples", examples, "--seed", "7", "--phases", "examples,coverage,fuzzing"]
        command += ["--rate-limit", "45/s", "--request-timeout", "60", "--continue-on-failure"]
        command += ["--suppress-health-check", "all", "--output-truncate", "true", "--warnings", "off"]
        with open(os.path.join(folder, "hooks.py"), "w") as file:
            file.write(HOOKS)
        environment = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=folder)
        first, last = list(command), list(command)
        for path in EXCLUDED:
            first += ["--exclude-path", path]
        for operation in LAST:
            first += ["--exclude-operation-id", operation]
            last += ["--include-operation-id", operation]
        outcome = subprocess.run(first, cwd=folder, env=environment).returncode
        ask(f"{url}/health", token)
        outcome = subprocess.run(last, cwd=folder, env=environment).returncode or outcome
    finally:
        server.terminate()
        server.wait(60)
    sys.exit(outcome)


main()
