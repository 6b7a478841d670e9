"""The page of make bench-load: plots as inline SVG, no scripts, nothing from elsewhere."""

import html


def is_own(name):
    return name.startswith("tools")


def bars(rows, field, unit, most):
    """One bar a row; what is longer than `most` is cut, its figure says how long."""
    lines, y = [], 0
    for row in rows:
        width = 460 * min(row[field], most) / most
        cut = " \u2026" if row[field] > most else ""
        lines.append(
            f'<text x="0" y="{y + 12}">{html.escape(row["name"])}</text>'
            f'<rect x="170" y="{y}" width="{width:.1f}" height="14"'
            f' class="{"own" if is_own(row["name"]) else "other"}"/>'
            f'<text x="{176 + width:.1f}" y="{y + 12}">{cut} {row[field]:,.0f} {unit}</text>'
        )
        y += 18
    return f'<svg viewBox="0 0 760 {y}" width="760" height="{y}" role="img">{"".join(lines)}</svg>'


def plots(rows, connections, field, unit):
    """A plot for each number of connections, on one scale: that of the C and Go programs."""
    usual = [row[field] for row in rows if not row["name"].startswith("FastMCP")]
    return "".join(
        f"<h3>{number} connection{'s' if number > 1 else ''}</h3>"
        + bars([row for row in rows if row["connections"] == number], field, unit, max(usual))
        for number in connections
    )


def table(heads, rows):
    return (
        "<table><tr>" + "".join(f"<th>{html.escape(head)}" for head in heads)
        + "".join("<tr>" + "".join(f"<td>{html.escape(str(cell))}" for cell in row) for row in rows)
        + "</table>"
    )


def page(rows, ratios, slow, skipped, connections, load):
    figures = [
        (row["name"], row["connections"], f"{row['rate']:,.0f}", f"{row['cpu_us']:.1f}",
         row["latency"], f"{row['memory']:.1f}", row["bad"])
        for row in rows
    ]
    beside = [(name, where, f"{value:.3f}", f"\u2264 {bar}" if bar else "")
              for name, where, value, bar in ratios]
    others = [(count, what, f"{p50:.2f}", f"{p99:.2f}", f"{slowest:.2f}", number)
              for count, what, p50, p99, slowest, number in slow]
    missing = "".join(f"<p>Skipped: {html.escape(line)}</p>" for line in skipped)
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>mcpc under load</title>
<style>body {{ font: 14px sans-serif; max-width: 60em; margin: 2em auto; color: #222 }}
svg text {{ font: 12px sans-serif }} h3 {{ margin: 1em 0 .3em }}
.own {{ fill: #2a6fb0 }} .other {{ fill: #aaa }} table {{ border-collapse: collapse }}
td, th {{ padding: .2em .8em; text-align: right; border-bottom: 1px solid #ddd }}
td:first-child, th:first-child {{ text-align: left }}</style>
<h1>A compiled server under load</h1>
<p>20 tools, each request with a JWT (RS256) that is checked. What is measured has one core, the load
and the backend another; the contenders take turns window by window, {rows[0]["rounds"]} rounds,
medians. CPU time is the process's own, as the scheduler counts it. nginx gets the same requests and
answers with as many bytes. Load average of the machine at the end: {load:.1f}.</p>{missing}
<h2>CPU time per request</h2>{plots(rows, connections, "cpu_us", "µs")}
<h2>Requests per second on one core</h2>{plots(rows, connections, "rate", "/s")}
<h2>Beside the others: CPU time, pair by pair</h2>
{table(("what", "where", "ratio", "budget"), beside)}
<h2>While a call of two seconds is in flight</h2>
<p>One connection, one request after the other, on the worker that has the slow calls.</p>
{table(("slow calls", "request", "p50, ms", "p99, ms", "slowest, ms", "requests"), others)}
<h2>All figures</h2>
{table(("what", "connections", "requests/s", "CPU µs", "mean latency", "memory, MB", "refused"), figures)}
</html>
"""
