"""What was measured, as Markdown, and drawn as SVG by hand."""

import json
import math

# What performance goals ask for, by the beginning of a row's name: (of which ceiling, at least), CPU microseconds in all, p99 and p99.9 in ms.
GOALS = [
    ("W1 feed, uncached", {"of_pgbench": 0.85, "cpu": 200}),
    ("W2 article by slug, uncached", {"of_pgbench": 0.85, "cpu": 300}),
    ("W3", {"of_pgbench": 0.85, "cpu": 200}),
    ("W4", {"of_pgbench": 0.85, "cpu": 200}),
    ("W1 feed, cached", {"of_bare": 0.9}),
    ("W2 article by slug, cached", {"of_bare": 0.9}),
    ("W7", {"of_bare": 0.95}),
    ("W6 search, the commonest word", {"p99": 100}),
    ("W6", {"p99": 20}),
    ("W8", {"of_pgbench": 0.9, "cpu": 1000}),
    ("W10", {"ours": 3000}),
    ("open loop", {"p99": 4, "p999": 8}),
    ("mixed", {"of_cached": 0.6, "p99": 20}),
]
GROWTH = ["W1 feed, uncached", "W2 article by slug, uncached", "W3 feed of a common tag, uncached", "W3 feed of a rare tag, uncached", "W4 feed of an author, uncached", "W5 deep page, uncached"]
COLOURS = ["#1b6ca8", "#c8553d", "#2e7d5b", "#8a5aa8", "#b8860b", "#4a4a4a"]


def number(value, form="{:,.0f}"):
    return form.format(value) if value is not None else "–"


def judged(row):
    """What the goals ask of a row, each with whether it is reached."""
    goal = next((goal for begin, goal in GOALS if row["name"].startswith(begin)), {})
    verdicts = []
    for key, asked in goal.items():
        value = {"cpu": (row.get("server_us") or 0) + (row.get("pg_us") or 0), "p99": (row.get("p99") or 0) / 1000, "p999": (row.get("p999") or 0) / 1000}.get(key, row.get(key))
        if value is None:
            continue
        at_least = key.startswith("of_") or key == "ours"
        words = {"cpu": f"≤ {asked} µs", "p99": f"p99 ≤ {asked} ms", "p999": f"p99.9 ≤ {asked} ms", "ours": f"≥ {asked:,}/s"}.get(key, f"≥ {asked}")
        verdicts.append(f"{words} {'✓' if (value >= asked if at_least else value <= asked) else '✗'}")
    return ", ".join(verdicts) or "–"


def table(rows):
    lines = [
        "| | of pgbench | of bare | of cached | CPU µs each: server + Postgres | pgbench's µs | a second | p50, p99, p99.9 ms | bytes | asked for |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        times = ", ".join(number(r[key] / 1000 if r.get(key) is not None else None, "{:.1f}") for key in ("p50", "p99", "p999"))
        lines.append(
            f"| {r['name']} | {number(r.get('of_pgbench'), '{:.2f}')} | {number(r.get('of_bare'), '{:.2f}')} | {number(r.get('of_cached'), '{:.2f}')} "
            f"| {number(r.get('server_us'))} + {number(r.get('pg_us'))} | {number(r.get('pgbench_us'))} | {number(r.get('ours'))} | {times} | {number(r.get('bytes'))} | {judged(r)} |"
        )
    return lines


def growth(sizes):
    """By workload and corpus size, p50 and CPU time in all, and by how much the largest is above the smallest."""
    lines = ["| p50 µs; CPU µs in all | " + " | ".join(f"{size:,}" for size in sizes) + " | growth |", "|---|" + "---|" * (len(sizes) + 1)]
    for name in GROWTH:
        rows = [next((row for row in measured["rows"] if row["name"] == name), None) for measured in sizes.values()]
        there = [(row["p50"], row["server_us"] + row["pg_us"]) for row in rows if row]
        if there:
            cells = [f"{row['p50']:,.0f}; {row['server_us'] + row['pg_us']:,.0f}" if row else "–" for row in rows]
            lines.append(f"| {name} | " + " | ".join(cells) + f" | {there[-1][0] / there[0][0]:.2f}; {there[-1][1] / there[0][1]:.2f} |")
    return lines


def p50_of(measured, name):
    return next((row["p50"] for row in measured["rows"] if row["name"] == name), None)


def markdown(sizes):
    lines = [
        "# Measured",
        "",
        "Written by `benches/run`; [README.md](README.md) says how to read it. Both sides of every comparison ran in turns in one run, on the same cores as the",
        "load generator and the database: read the ratios and the CPU time; requests per second depend on the machine and its neighbours.",
        "",
        "![How p50 grows with the corpus](growth.svg)",
        "",
        "![Ratios to what the machine can do](ratios.svg)",
        "",
        *growth(sizes),
    ]
    for size, measured in sizes.items():
        lines += ["", f"## {size:,} articles", "", *[f"- {fact}" for fact in measured["facts"]], "", *table(measured["rows"])]
    return "\n".join(lines) + "\n"


# --- plots -----------------------------------------------------------------------------------------------------------


def text(x, y, words, size=12, anchor="start", colour="#333", weight="normal"):
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">{words}</text>'


def picture(width, height, parts):
    style = 'font-family="system-ui, sans-serif"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" {style}><rect width="100%" height="100%" fill="#fff"/>' + "".join(parts) + "</svg>\n"


def growth_plot(sizes):
    """Lines of p50 over the size of the corpus, each against its own smallest size: flat is 1."""
    width, height, left, top, right, bottom = 860, 380, 60, 50, 300, 50
    series = [(name, [(size, p50_of(measured, name)) for size, measured in sizes.items()]) for name in GROWTH]
    series = [(name, [(size, value) for size, value in points if value]) for name, points in series]
    series = [(name, [(size, value / points[0][1]) for size, value in points]) for name, points in series if points]
    low, high = math.log10(min(sizes)), math.log10(max(max(sizes), min(sizes) * 10))
    most = max([1.5] + [value for _, points in series for _, value in points]) * 1.05
    x = lambda size: left + (math.log10(size) - low) / (high - low) * (width - left - right)
    y = lambda value: height - bottom - value / most * (height - top - bottom)
    parts = [text(left, 26, "p50 of uncached reads by corpus size, each against its own smallest", 15, weight="600")]
    step = 0.5 if most < 4 else 1
    for tick in range(int(most / step) + 1):
        parts += [f'<path d="M{left} {y(tick * step):.1f}H{width - right}" stroke="#e4e4e4"/>', text(left - 8, y(tick * step) + 4, f"{tick * step:g}", 11, "end", "#666")]
    parts.append(f'<path d="M{left} {y(1.2):.1f}H{width - right}" stroke="#999" stroke-dasharray="5 4"/>')
    parts.append(text(left + 4, y(1.2) - 5, "asked for: at most 1.2", 11, colour="#666"))
    parts += [text(x(size), height - bottom + 20, f"{size:,}", 11, "middle", "#666") for size in sizes]
    parts.append(text((left + width - right) / 2, height - 8, "articles", 11, "middle", "#666"))
    ends = []
    for number, (name, points) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        path = "L".join(f"{x(size):.1f} {y(value):.1f}" for size, value in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3.5" fill="{colour}"/>' for size, value in points]
        ends.append([y(points[-1][1]), x(points[-1][0]), f"{name.replace(', uncached', '')}: {points[-1][1]:.2f}", colour])
    # Names beside the ends of their lines, pushed apart where they would lie on each other.
    ends.sort()
    for above, below in zip(ends, ends[1:]):
        below[0] = max(below[0], above[0] + 16)
    parts += [text(at + 12, down + 4, words, 12, colour=colour) for down, at, words, colour in ends]
    return picture(width, height, parts)


def ratios_plot(sizes):
    """Bars of the ratios to the ceilings at the largest corpus that was measured."""
    size, measured = list(sizes.items())[-1]
    bars = []
    for row in measured["rows"]:
        for key, ceiling in (("of_pgbench", "pgbench"), ("of_bare", "bare handler"), ("of_cached", "cached")):
            if row.get(key):
                goal = next((goal.get(key) for begin, goal in GOALS if row["name"].startswith(begin)), None)
                bars.append((row["name"].split(" (")[0], ceiling, row[key], goal))
    width, left, right, top, line = 860, 330, 150, 56, 26
    height = top + line * len(bars) + 30
    most = max([1.2] + [value for _, _, value, _ in bars])
    x = lambda value: left + value / most * (width - left - right)
    parts = [text(20, 28, f"Share of what the machine can do, {size:,} articles (mark: asked for)", 15, weight="600")]
    for number, (name, ceiling, value, goal) in enumerate(bars):
        down = top + number * line
        colour = "#1b6ca8" if goal is None or value >= goal else "#c8553d"
        parts.append(text(left - 10, down + 14, name, 12, "end"))
        parts.append(f'<rect x="{left}" y="{down + 2}" width="{x(value) - left:.1f}" height="{line - 9}" fill="{colour}"/>')
        if goal:
            parts.append(f'<path d="M{x(goal):.1f} {down - 1}V{down + line - 4}" stroke="#222" stroke-width="2"/>')
        parts.append(text(max(x(value), x(goal or 0)) + 8, down + 14, f"{value:.2f} of {ceiling}", 12))
    return picture(width, height, parts)


def write(folder, results):
    """The table, the plots, and what they are made of, so that another size can be added later."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {int(size): results[size] for size in sorted(results, key=int)}
    (folder / "measured.json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    (folder / "measured.md").write_text(markdown(sizes))
    (folder / "growth.svg").write_text(growth_plot(sizes))
    (folder / "ratios.svg").write_text(ratios_plot(sizes))
