"""W9: lists on the desk."""

import re
import urllib.parse

from .processes import POOL, cpu_of, say
from .side import row, slug
from .statements import script_of, transactions_about


def lists(bench, service, database):
    token = service.token()
    headers = {"Authorization": f"Bearer {token}"}
    headline = database.ask("SELECT headline FROM articles WHERE language = 'en' ORDER BY md5(id::text) LIMIT 1")
    words = max(re.findall(r"[a-z]+", headline.lower()), key=len)
    for name, query in [
        ("waiting for review", "status=in_review"),
        ("mine", "mine=true"),
        ("by text", "q=" + urllib.parse.quote(words)),
    ]:
        say("W9", name)
        path = f"/v1/editorial/articles?limit=15&{query}"
        requests = bench.file(f"{slug(name)}.paths", [path])
        bench.http(service.address, requests, connections=POOL, headers=[f"Authorization: Bearer {token}"])
        tries = (reads(database.statements_of(lambda: service.get(path, headers))) for _ in range(5))
        statements = next((found for found in tries if found), None)
        if not statements:
            raise SystemExit(f"bench: {name} ran no statement")
        lines, variables = script_of(statements, "d", lambda sql, parameters: (sql, parameters))
        script = bench.file(f"{slug(name)}.sql", lines)
        rounds = []
        for _ in range(bench.rounds):
            server, pg = cpu_of(service.process.pid), database.cpu()
            ours = bench.http(service.address, requests, connections=POOL, headers=[f"Authorization: Bearer {token}"])
            server, pg = cpu_of(service.process.pid) - server, database.cpu() - pg
            ceiling, spent = bench.ceiling(database, [[script]], variables)
            rounds.append({"ours": ours["per_second"], "server_us": server / ours["requests"] * 1e6, "pg_us": pg / ours["requests"] * 1e6, "pgbench": ceiling,
                           "pgbench_us": spent, "p50": ours["p50_us"], "p99": ours["p99_us"], "bytes": ours["mean_bytes"]})
        bench.rows.append(row(f"W9 desk list, {name}", rounds, len(statements)))


def reads(found):
    """The transaction in which the list was read."""
    return transactions_about(found, "", lambda sql: re.search(r'FROM "?articles"?', sql) and "RETURNING" not in sql, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ")
