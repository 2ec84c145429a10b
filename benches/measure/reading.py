"""What readers ask for: W1 to W5 and W7."""

import contextlib
import json
import os
import subprocess
import time

from .processes import cpu_of, free_port, say
from .side import row, slug
from .statements import of_readers, script_of


def uncached(bench, service, database, name, paths):
    """A read that goes to the database: the service against pgbench on the same statements."""
    say(name)
    requests = bench.file(f"{slug(name)}.paths", paths)
    # What the service keeps of names and credits is there before its statements are looked at.
    bench.http(service.address, requests)
    # A busy machine may take its time to hear that it is to log.
    tries = (of_readers(database.statements_of(lambda: service.get(paths[0]))) for _ in range(5))
    first = next((statements for statements in tries if statements), None)
    if not first:
        raise SystemExit(f"bench: {name} ran no statement")
    scripts, variables = [], {}
    for number, path in enumerate(paths[:100]):
        lines, own = script_of(first, f"v{number}", substitution(paths[0], path))
        scripts.append(bench.file(f"{slug(name)}-{number}.sql", lines))
        variables.update(own)
    rounds = []
    for _ in range(bench.rounds):
        server, pg = cpu_of(service.process.pid), database.cpu()
        ours = bench.http(service.address, requests)
        server, pg = cpu_of(service.process.pid) - server, database.cpu() - pg
        ceiling, ceiling_cpu = bench.ceiling(database, [scripts], variables)
        rounds.append({
            "ours": ours["per_second"], "server_us": server / ours["requests"] * 1e6, "pg_us": pg / ours["requests"] * 1e6,
            "pgbench": ceiling, "pgbench_us": ceiling_cpu, "p50": ours["p50_us"], "p99": ours["p99_us"], "bytes": ours["mean_bytes"],
        })
    bench.rows.append(row(name, rounds, len(first)))


def deep(service, rows=150_000):
    """The page of fifteen that lies ten thousand pages in, or at the end where the corpus is smaller: by its cursor."""
    cursor, seen = None, 0
    while seen < rows:
        answer = json.loads(service.get("/v1/articles?limit=100&fields=id" + (f"&cursor={cursor}" if cursor else ""))[2])
        seen += len(answer["data"])
        if not answer["page"]["next"] or len(answer["data"]) < 100:
            break
        cursor = answer["page"]["next"]
    return f"/v1/articles?limit=15&cursor={cursor}"


@contextlib.contextmanager
def bare_handler(bench, body):
    """The same HTTP server with nothing behind it, answering these bytes; its address."""
    held = bench.folder / "body"
    held.write_bytes(body)
    address = f"127.0.0.1:{free_port()}"
    bare = subprocess.Popen([bench.binaries / "bare", address, held, str(os.cpu_count() or 2)])
    try:
        time.sleep(0.5)
        yield address
    finally:
        bare.terminate()
        bare.wait()


def cached(bench, service, name, path, revalidate=False):
    """An answer kept ready, or the word that it has not changed: the service against the same bytes from a bare handler."""
    say(name)
    requests, root = bench.file(f"{slug(name)}.paths", [path]), bench.file("bare.paths", ["/"])
    _, headers, body = service.get(path)
    tag = {k.lower(): v for k, v in headers.items()}["etag"]
    how = {"headers": [f"If-None-Match: {tag}"], "expect": 304} if revalidate else {}
    bench.http(service.address, requests, **how)
    rounds = []
    with bare_handler(bench, body) as bare:
        for _ in range(bench.rounds):
            server = cpu_of(service.process.pid)
            ours = bench.http(service.address, requests, **how)
            server = cpu_of(service.process.pid) - server
            plain = bench.http(bare, root)
            rounds.append({"ours": ours["per_second"], "server_us": server / ours["requests"] * 1e6, "bare": plain["per_second"],
                           "p50": ours["p50_us"], "p99": ours["p99_us"], "bytes": ours["mean_bytes"]})
    bench.rows.append(row(name, rounds, 0))


def substitution(from_path, to_path):
    """The same statement for another slug."""
    old, new = from_path.rsplit("/", 1)[-1], to_path.rsplit("/", 1)[-1]

    def fixed(sql, parameters):
        return sql, {n: new if value == old else value for n, value in parameters.items()}

    return fixed
