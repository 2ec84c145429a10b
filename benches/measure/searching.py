"""W6: search, without the cache, by words that many, some and few stories have."""

import re
import urllib.parse

from .processes import cpu_of, say
from .side import row, slug

WORDS = 12
# Few at a time: this is about how long one search takes, not how many go at once.
CONNECTIONS = 2


def search(bench, service, database):
    for name, questions in questions_by_kind(service, database).items():
        say("W6", name)
        paths = [f"/v1/search?limit=15&q={urllib.parse.quote(question)}" for question in questions]
        requests = bench.file(f"{slug(name)}.paths", paths)
        bench.http(service.address, requests, connections=CONNECTIONS)
        rounds = []
        for _ in range(bench.rounds):
            server, pg = cpu_of(service.process.pid), database.cpu()
            ours = bench.http(service.address, requests, connections=CONNECTIONS)
            server, pg = cpu_of(service.process.pid) - server, database.cpu() - pg
            rounds.append({"ours": ours["per_second"], "server_us": server / ours["requests"] * 1e6, "pg_us": pg / ours["requests"] * 1e6,
                           "p50": ours["p50_us"], "p99": ours["p99_us"], "p999": ours["p999_us"], "bytes": ours["mean_bytes"]})
        bench.rows.append(row(f"W6 {name}", rounds, 0))


def questions_by_kind(service, database):
    """Words as headlines have them, by how many stories in a sample of a thousand have them."""
    headlines = database.ask("SELECT headline FROM articles WHERE status = 'published' AND language = 'en' ORDER BY md5(id::text) LIMIT 1000").splitlines()
    of = [[word for word in re.findall(r"[a-z]+", headline.lower()) if len(word) > 3] for headline in headlines]
    found = {}
    for words in of:
        for word in set(words):
            found[word] = found.get(word, 0) + 1
    by_count = sorted(found, key=lambda word: (-found[word], word))
    finds = lambda question: b'"headline"' in service.get("/v1/search?limit=1&q=" + urllib.parse.quote(question))[2]
    common, rare = by_count[:WORDS], [word for word in reversed(by_count) if found[word] == 1][: WORDS * 4]
    middle = by_count[len(by_count) // 8 :][:WORDS]
    phrases = [f'"{words[0]} {words[1]}"' for words in of if len(words) > 1]
    return {
        "search, the commonest word": common[:1],
        "search, a common word": common,
        "search, two words": [f"{a} {b}" for a, b in zip(common, middle)],
        "search, a rare word": [word for word in rare if finds(word)][:WORDS],
        "search, a phrase": [phrase for phrase in phrases[: WORDS * 4] if finds(phrase)][:WORDS],
        "search, the begin of a word": [f"{word[:4]}*" for word in middle],
        "search, a word that nobody has": [f"zqx{word}" for word in common],
    }
