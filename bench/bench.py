"""make bench: what compiling, deciding and starting cost, beside a reference in the same run.

Prints medians and ranges; asserts nothing about time. Each figure and its reference are measured
in turn, round by round, so that what else the machine does falls on both.
"""

import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
ROUNDS = int(os.environ.get("ROUNDS", "9"))
MCPC = BUILD / "mcpc"


def cpu_seconds(*command):
    """(CPU seconds, peak kB) of one run of a program."""
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(list(map(str, command)), stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def spread(values, unit, scale=1.0):
    values = sorted(value * scale for value in values)
    return f"{statistics.median(values):8.2f} {unit} ({values[0]:.2f}–{values[-1]:.2f})"


def to_yaml(value, out, indent=0):
    """Block YAML, strings in double quotes: enough for a JSON document."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        for name, item in value.items():
            key = json.dumps(name, ensure_ascii=False)
            if isinstance(item, (dict, list)) and item:
                out.write(f"{pad}{key}:\n")
                to_yaml(item, out, indent + 1)
            else:
                out.write(f"{pad}{key}: {scalar(item)}\n")
    elif isinstance(value, list) and value:
        for item in value:
            if isinstance(item, (dict, list)) and item:
                out.write(f"{pad}-\n")
                to_yaml(item, out, indent + 1)
            else:
                out.write(f"{pad}- {scalar(item)}\n")


def scalar(value):
    """Long texts as people write them: a plain scalar where that is safe."""
    if isinstance(value, str) and value.isascii() and value.replace(" ", "").isalpha():
        if value.lower() not in ("null", "true", "false"):
            return value
    return json.dumps(value, ensure_ascii=False)


def bench_compile(folder):
    document = BUILD / "npm-bench/node_modules/@octokit/openapi/generated/api.github.com.json"
    if not document.exists():
        print("compile: skipped, the GitHub document is not here")
        return
    as_yaml = folder / "github.yaml"
    with open(as_yaml, "w", encoding="utf-8") as out:
        to_yaml(json.loads(document.read_text()), out)
    events, yaml, from_json, peak = [], [], [], 0
    for _ in range(ROUNDS):
        events.append(cpu_seconds(BUILD / "bench/yaml_events", as_yaml)[0])
        seconds, memory = cpu_seconds(MCPC, as_yaml, "-o", folder / "policy.c")
        yaml.append(seconds)
        peak = max(peak, memory / (as_yaml.stat().st_size / 1024))
        seconds, memory = cpu_seconds(MCPC, document, "-o", folder / "policy.c")
        from_json.append(seconds)
    ratios = [ours / theirs for ours, theirs in zip(yaml, events)]
    print("compile GitHub's description (1,223 operations), CPU time")
    print(f"  libyaml's events     {spread(events, 'ms', 1000)}")
    print(f"  mcpc YAML → policy.c {spread(yaml, 'ms', 1000)}")
    print(f"  mcpc JSON → policy.c {spread(from_json, 'ms', 1000)}")
    print(f"  YAML / events        {spread(ratios, '×')}   peak memory / input {peak:.1f} ×")


def policy_of(count, folder):
    """A policy with many tools and 200 scopes: one to three a tool, a third denied to one of ten
    roles, a tenth with a bound of an argument, a twentieth hidden; the same each time. bench/decide.c
    knows it too."""
    paths = {}
    for number in range(count):
        scopes = [f"s{(number * 7 + i * 61) % 200:03}" for i in range(1 + number % 3)]
        tags = [f"blocked{number % 10}"] if number % 3 == 0 else []
        tags += ["bounded"] if number % 10 == 0 else []
        tags += ["hidden"] if number % 20 == 7 else []
        paths[f"/things/{number}/{{id}}"] = {
            "get": {
                "operationId": f"getThingNumber{number}",
                "security": [{"auth": scopes}],
                "tags": tags,
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
                ],
                "responses": {"200": {"description": "fine"}},
            }
        }
    scheme = {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {
                "tokenUrl": "https://id.example/token",
                "scopes": {f"s{i:03}": "" for i in range(200)},
            }
        },
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://api.example"}],
        "paths": paths,
        "components": {"securitySchemes": {"auth": scheme}},
    }
    path = folder / f"things-{count}.json"
    path.write_text(json.dumps(document))
    policy = folder / f"things-{count}.mcpp"
    subprocess.run([MCPC, path, "-o", policy, "--force", "--max-tools", "99999"], check=True, stderr=subprocess.DEVNULL)
    used = {tag for item in paths.values() for tag in item["get"]["tags"]}
    lines = ["role staff when scope \"s040\""]
    for role in range(10):
        lines.append(
            f'role blocked{role} when scope "s{role * 3:03}" and scope "s{role * 3 + 1:03}"'
        )
        if f"blocked{role}" in used:
            lines.append(f'deny tagged "blocked{role}" when role blocked{role}')
    lines.append('deny tagged "bounded" when arg id > 1000 "Only the first thousand."')
    lines.append('hide tagged "hidden" unless role staff')
    with open(policy, "a", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    return policy


def libraries():
    """What a server is linked with besides libmcpp."""
    packages = (BUILD / "mcpp-uninstalled.pc").read_text().split("Requires: ")[1].split("\n")[0]
    found = subprocess.run(
        ["pkg-config", "--libs", *packages.split()], check=True, stdout=subprocess.PIPE, text=True
    )
    return found.stdout.split()


def bench_decide(folder):
    print("decide one call, CPU time")
    for count in (20, 1000, 10000):
        source, program = folder / f"policy-{count}.c", folder / f"decide-{count}"
        document = policy_of(count, folder)
        start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([MCPC, document, "-o", source], check=True, stderr=subprocess.DEVNULL)
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - start
        subprocess.run(
            ["cc", "-O2", "-D_GNU_SOURCE", f"-I{ROOT}", f"-I{ROOT}/runtime/include"]
            + [source, ROOT / "bench/decide.c", "-o", program]
            + [f"{BUILD}/libmcpp.a", *libraries()],
            check=True,
        )
        line = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout
        print(f"  {line.rstrip()}   (compiled in {seconds * 1000:.0f} ms)")


def bench_identity():
    print("recognise a caller, CPU time (OpenSSL: EVP_PKEY_verify on a kept context)")
    program = BUILD / "bench/identity"
    print(subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip())


def bench_start(folder):
    program = folder / "server"
    subprocess.run([MCPC, policy_of(20, folder), "-o", program], check=True)
    message = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "bench", "version": "1"},
        },
    }
    text = json.dumps(message).encode() + b"\n"
    times, memory = [], []
    for _ in range(ROUNDS * 3):
        start = time.perf_counter()
        with subprocess.Popen(
            [program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "BACKEND_API_TOKEN": "x"},
        ) as process:
            process.stdin.write(text)
            process.stdin.flush()
            process.stdout.readline()
            times.append(time.perf_counter() - start)
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            memory.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
            process.stdin.close()
    stripped = folder / "stripped"
    subprocess.run(["strip", "-o", stripped, program], check=True)
    print("a server with 20 tools on stdio")
    print(f"  first answer         {spread(times, 'ms', 1000)}")
    print(f"  memory, idle         {spread(memory, 'MB')}")
    print(f"  program, stripped    {stripped.stat().st_size / 1000:8.0f} kB")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bench_compile(folder)
        bench_decide(folder)
        bench_identity()
        bench_start(folder)


main()
