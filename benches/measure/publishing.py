"""W8: a story is changed and published."""

import json
import re

from .processes import POOL, cpu_of, say
from .side import row
from .statements import script_of, transactions_about


def publish(bench, service, database, count=24):
    """PATCH and publish of stories of 1,000 words, over four connections, against the same statements in pgbench; on both
    sides each connection has stories of its own, so that none waits for another's row."""
    say("W8 publish")
    token = service.token()
    headers = {"Authorization": f"Bearer {token}", "If-Match": "*", "Content-Type": "application/merge-patch+json"}
    # pgbench gets stories of its own: what it writes again and again is a revision of the first one, of no use to the service.
    untouched = f"SELECT l.id, l.slug FROM live_articles l JOIN articles a ON a.id = l.id AND a.revision = 1 AND a.language = 'en' ORDER BY l.slug LIMIT {2 * count}"
    stories = [line.split("|") for line in database.ask(untouched).split()]
    ids, spare = [article for article, _ in stories[:count]], stories[count:]
    words = "harbour council river bridge morning report minister storm school budget engine letter".split()
    text = "\n\n".join(" ".join(words[(a * 7 + b * 5) % len(words)] for b in range(100)) + "." for a in range(10))

    def body(stamp):
        return json.dumps({"body": {"markdown": f"{stamp} {text}"}})

    def pair(article, stamp):
        status, _, answer = service.call("PATCH", f"/v1/editorial/articles/{article}", body(stamp), headers)
        if status == 200:
            status, _, answer = service.call("POST", f"/v1/editorial/articles/{article}/publish", None, {k: v for k, v in headers.items() if k != "Content-Type"})
        if status != 200:
            raise SystemExit(f"bench: publishing answered {status}: {answer[:300]}")

    # Everything that is written over is there once before: revisions to differ from, rows to replace.
    for article in ids + [article for article, _ in spare]:
        pair(article, "first")
    tries = (transactions_about(database.statements_of(lambda stamp=stamp: pair(ids[0], stamp)), ids[0]) for stamp in ("second", "third", "fourth"))
    statements = next((statements for statements in tries if statements), None)
    if not statements:
        raise SystemExit("bench: publishing ran no statement")
    scripts, variables = publish_scripts(bench, statements, stories[0], spare)
    lines = []
    for article in ids:
        lines.append(f"PATCH /v1/editorial/articles/{article} {body('{n}')}")
        lines.append(f"POST /v1/editorial/articles/{article}/publish")
    requests = bench.file("publish.paths", lines)
    http_headers = [f"Authorization: Bearer {token}", "If-Match: *"]
    rounds = []
    for _ in range(bench.rounds):
        server, pg = cpu_of(service.process.pid), database.cpu()
        ours = bench.http(service.address, requests, connections=POOL, headers=http_headers)
        pairs = ours["requests"] / 2
        server, pg = cpu_of(service.process.pid) - server, database.cpu() - pg
        ceiling, spent = bench.ceiling(database, [scripts[n::POOL] for n in range(POOL)], variables)
        rounds.append({"ours": pairs / ours["seconds"], "server_us": server / pairs * 1e6, "pg_us": pg / pairs * 1e6, "pgbench": ceiling,
                       "pgbench_us": spent, "p50": ours["p50_us"], "p99": ours["p99_us"], "bytes": ours["mean_bytes"]})
    bench.rows.append(row("W8 change and publish", rounds, len(statements)))


def publish_scripts(bench, statements, captured, stories):
    """The captured transactions, once for each story: its id and slug are put in, and what must be new each time is made new by the database."""
    scripts, variables = [], {}
    for number, (other, other_slug) in enumerate(stories):

        def fixed(sql, parameters, other=other, other_slug=other_slug):
            own = lambda value: value and value.replace(captured[0], other).replace(captured[1], other_slug)
            parameters = {n: own(value) for n, value in parameters.items()}
            mine = next((n for n, value in parameters.items() if value == other), None)
            if 'INSERT INTO "audit_events"' in sql:
                sql = re.sub(r"VALUES \(\$1", "VALUES (gen_random_uuid()", sql)
            if 'INSERT INTO "article_revisions"' in sql and mine:
                columns = [c.strip(' "') for c in re.search(r'"article_revisions" \(([^)]*)\)', sql).group(1).split(",")]
                at = columns.index("number") + 1
                sql = sql.replace(f"${at}", f"(SELECT max(number) + 1 FROM article_revisions WHERE article_id = ${mine})", 1)
            if 'UPDATE "articles" SET' in sql and mine:
                sql = re.sub(r'("revision") = \$\d+', rf"\1 = (SELECT max(number) FROM article_revisions WHERE article_id = ${mine})", sql)
            return sql, parameters

        lines, own = script_of(statements, f"w{number}", fixed)
        scripts.append(bench.file(f"publish-{number}.sql", lines))
        variables.update(own)
    return scripts, variables
