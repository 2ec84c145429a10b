"""The service as a whole: open loop, readers and writers together, memory, and how long a start takes."""

import json
import pathlib
import random
import re
import statistics
import subprocess
import time

from .processes import Service, cpu_of, say
from .side import row

URLS = 50_000
DRAWS = 200_000


def memory_of(pid, what="VmRSS"):
    """Bytes of memory that a process has (VmRSS), or has had at the most (VmHWM)."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+) kB", text).group(1)) * 1024


def open_loop(bench, service, name, paths):
    """Half of the own maximum, at a fixed rate, latency counted from when a request was due."""
    say(name)
    requests = bench.file("open.paths", paths)
    bench.http(service.address, requests)
    rounds = []
    for _ in range(bench.rounds):
        most = bench.http(service.address, requests)
        half = bench.http(service.address, requests, connections=64, rate=most["per_second"] / 2)
        rounds.append({"ours": half["per_second"], "p50": half["p50_us"], "p99": half["p99_us"], "p999": half["p999_us"], "bytes": half["mean_bytes"]})
    bench.rows.append(row(name, rounds, 0))


def urls(database, count=URLS):
    """What readers ask for, the most wanted first: the front page, a feed for every few stories, and stories."""
    slugs = database.ask(f"SELECT slug FROM live_articles ORDER BY published_at DESC, id DESC LIMIT {count}").split()
    tags = database.ask("SELECT slug FROM tags JOIN live_tags ON tag_id = id ORDER BY article_count DESC").split()
    authors = database.ask("SELECT slug FROM authors JOIN live_authors ON author_id = id ORDER BY article_count DESC").split()
    feeds = [f"/v1/articles?limit=15&tag={tag}" for tag in tags] + [f"/v1/articles?limit=15&author={author}" for author in authors]
    # The corpus may have fewer stories than that: then the same ones in another form make up for it.
    forms = [f"/v1/articles/{slug}{form}" for form in ("", "?body=text", "?body=markdown", "?body=blocks", "?fields=headline,body") for slug in slugs]
    made = ["/v1/articles?limit=15"]
    for number, story in enumerate(forms):
        if number % 10 == 0 and feeds:
            made.append(feeds.pop(0))
        made.append(story)
    return made[:count]


def drawn(wanted, draws=DRAWS, seed=1):
    """Draws by Zipf: the first is asked for twice as often as the second, three times as often as the third."""
    weights = [1 / rank for rank in range(1, len(wanted) + 1)]
    return random.Random(seed).choices(wanted, weights, k=draws)


class Publisher:
    """Changes a story and publishes it, once a second, while something else is measured."""

    def __init__(self, bench, service, database):
        self.bench, self.address = bench, service.address
        token = service.token()
        ids = database.ask("SELECT id FROM live_articles ORDER BY published_at DESC, id DESC LIMIT 50").split()
        lines = []
        for article in ids:
            lines.append(f"PATCH /v1/editorial/articles/{article} " + json.dumps({"standfirst": "Changed for the {n}th time."}))
            lines.append(f"POST /v1/editorial/articles/{article}/publish")
        self.requests = bench.file("publisher.paths", lines)
        self.headers = [f"Authorization: Bearer {token}", "If-Match: *"]

    def __enter__(self):
        # Two requests make a publish.
        command = self.bench.command(self.address, self.requests, connections=1, headers=self.headers, rate=2, seconds=3600)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def mixed(bench, service, database):
    """Readers by Zipf with a publish a second, against the same readers without it and everything in the cache."""
    say("mixed")
    requests = bench.file("mixed.paths", drawn(urls(database)))
    bench.http(service.address, requests)
    bench.http(service.address, requests)
    rounds = []
    for _ in range(bench.rounds):
        still = bench.http(service.address, requests)
        with Publisher(bench, service, database):
            server, pg = cpu_of(service.process.pid), database.cpu()
            ours = bench.http(service.address, requests)
            server, pg = cpu_of(service.process.pid) - server, database.cpu() - pg
        rounds.append({"ours": ours["per_second"], "cached": still["per_second"], "server_us": server / ours["requests"] * 1e6, "pg_us": pg / ours["requests"] * 1e6,
                       "p50": ours["p50_us"], "p99": ours["p99_us"], "p999": ours["p999_us"], "bytes": ours["mean_bytes"]})
    result = row("mixed: 50,000 URLs by Zipf, one publish a second", rounds, 0)
    result["of_cached"] = statistics.median(r["ours"] / r["cached"] for r in rounds)
    result["memory"] = memory_of(service.process.pid, "VmHWM")
    bench.rows.append(result)


def distinct_urls(bench, service, database, minutes, count=1_000_000):
    """Memory while a million different URLs are asked for, for minutes on end: the most it came to."""
    say(f"a million URLs for {minutes:g} minutes")
    first, last = database.ask("SELECT extract(epoch FROM min(published_at))::bigint || ' ' || extract(epoch FROM max(published_at))::bigint FROM live_articles").split()
    step = (int(last) - int(first)) * 1000 / count
    moments = (int(first) * 1000 + int(number * step) for number in range(count))
    stamp = lambda ms: time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z"
    requests = bench.file("distinct.paths", (f"/v1/articles?limit=15&published_before={stamp(moment)}" for moment in moments))
    rest = memory_of(service.process.pid)
    answer = bench.http(service.address, requests, seconds=minutes * 60)
    most = memory_of(service.process.pid, "VmHWM")
    bench.facts.append(f"a million different URLs for {minutes:g} minutes: {answer['requests']:,} answers of {answer['mean_bytes']:,} bytes each on average, "
                       f"{rest / 1e6:.0f} MB before, {most / 1e6:.0f} MB at the most, {memory_of(service.process.pid) / 1e6:.0f} MB after; the cache may hold 64 MiB")


def at_rest(bench, service):
    time.sleep(2)
    bench.facts.append(f"memory at rest: {memory_of(service.process.pid) / 1e6:.0f} MB")


def starts(bench, database, binary):
    """Seconds until a started service says that it is ready."""
    say("starts")
    url = f"postgres://postgres@{str(database.socket).replace('/', '%2F')}:{database.port}/masthead"
    took = []
    for _ in range(5):
        data = bench.folder / "start"
        data.mkdir(exist_ok=True)
        began = time.monotonic()
        service = Service(data, binary, ["--database-url", url], {"MASTHEAD_SIGNING_KEY": "0123456789abcdef" * 4})
        took.append(time.monotonic() - began)
        service.stop()
    bench.facts.append(f"start with a migrated database until ready: {statistics.median(took):.2f} s")
    data = bench.folder / "first"
    data.mkdir()
    began = time.monotonic()
    service = Service(data, binary, ["--demo", "on"])
    took = time.monotonic() - began
    service.stop()
    bench.facts.append(f"first start with its own PostgreSQL and the demo newsroom until ready: {took:.1f} s")
