#!/usr/bin/env python3
"""Measures `bench` and other libraries side by side, and records what `bench` alone measures.

    compare.py lenet   [--batches 1,32,128,512]
    compare.py alexnet [--batches 1,8,32] [--towers 2|1]
    compare.py layers  [--shapes FILE] [--only NAMES]
    compare.py record  "BENCH ARGUMENTS" ...

Run it from the package's root after `swift build -c release --product bench`, with a Python that has the
libraries (in a virtual environment outside the package):

    pip install torch --index-url https://download.pytorch.org/whl/cpu
    pip install tensorflow-cpu onnxruntime openvino onnx

A group of cases (one batch size, or six layers) runs in `bench` and in each library in turn, in several
rounds. The ratio of a case is our rate over the rate of the fastest library in the same round; the printed ratio
is the median of the rounds. Quote ratios: the speed of a machine drifts, so rates of two runs are not comparable.

`record` runs `bench` with each of the quoted argument lists and keeps its rows:

    compare.py record "alexnet --memory --batches 1" "alexnet --memory --batches 8" --json memory.jsonl

--json FILE writes JSON lines. The first is {"header": {...}}: the command, the machine, the versions. Each of
the others is a case, {"case": ..., "ours": [...], "peer": [...], "framework": [...]} with one element per
round, or a row of `bench --json`. `swift run -c release figures tables` makes the published tables from them.
"""
import argparse
import datetime
import importlib.metadata
import json
import math
import os
import re
import shlex
import statistics
import subprocess
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
PEERS = {"lenet": ["torch", "tensorflow", "onnxruntime", "openvino"], "alexnet": ["torch"],
         "layers": ["torch"]}
PACKAGES = {"torch": ["torch"], "tensorflow": ["tensorflow", "tensorflow-cpu"],
            "onnxruntime": ["onnxruntime"], "openvino": ["openvino"]}
RETRY_ROUNDS = 9


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["lenet", "alexnet", "layers", "record"])
    parser.add_argument("bench_arguments", nargs="*", help="record: arguments of bench, one quoted list each")
    parser.add_argument("--batches", help="lenet, alexnet: batch sizes, comma-separated")
    parser.add_argument("--towers", type=int, choices=[1, 2], default=2, help="alexnet: 2 is the paper's net")
    parser.add_argument("--shapes", default=os.path.join(FOLDER, "layers.json"),
                        help="layers: a JSON list of layers (default: layers.json beside this script)")
    parser.add_argument("--only", help="layers: names, comma-separated")
    parser.add_argument("--group", type=int, default=6, help="layers: number measured in turn (default: 6)")
    parser.add_argument("--rounds", type=int, default=3, help="(default: 3)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=0.5, help="sampling time of a case (default: 0.5)")
    parser.add_argument("--retry", type=float, metavar="RATIO",
                        help=f"measure each case with a lower median again, alone, in {RETRY_ROUNDS} rounds")
    parser.add_argument("--bench", default=".build/release/bench", help="the command of this package")
    parser.add_argument("--baseline", metavar="BENCH", help="another build of bench instead of the libraries")
    parser.add_argument("--json", metavar="FILE", help="write the measurements as JSON lines")
    options = parser.parse_args()
    if bool(options.bench_arguments) != (options.work == "record"):
        parser.error("record, and only record, takes arguments of bench")
    return options


def run(command):
    """Standard output and standard error of a program; ends this one where the program fails."""
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}; --help says how to build and install")
    if result.returncode:
        sys.exit(f"{shlex.join(command)}\nexited with {result.returncode}\n{result.stderr[-2000:]}")
    return result.stdout, result.stderr


def rows(command):
    """The JSON rows that a program prints."""
    return [json.loads(line) for line in run(command)[0].splitlines() if line.startswith("{")]


def rates(options, command):
    """The rate of each case that a program prints."""
    unit = rate_field(options)
    return {row["case"]: row[unit] for row in rows(command) if "case" in row}


def rate_field(options):
    return "gflops" if options.work == "layers" else "images_per_second"


def commands(options, group):
    """The command of ours and those of the peers, by name, for one group of cases."""
    common = group + ["--threads", str(options.threads), "--seconds", str(options.seconds)]

    def bench(path):
        return [path, options.work, "--json"] + common

    if options.baseline:
        return bench(options.bench), {"baseline": bench(options.baseline)}
    script = os.path.join(FOLDER, "peers.py")
    peers = {name: [sys.executable, script, options.work, "--framework", name] + common
             for name in PEERS[options.work]}
    return bench(options.bench), peers


def groups(options):
    """Command-line arguments of the groups of cases that are measured in turn."""
    if options.work == "layers":
        only = options.only.split(",") if options.only else None
        with open(options.shapes) as file:
            names = [layer["name"] for layer in json.load(file) if not only or layer["name"] in only]
        return [["--shapes", options.shapes, "--only", ",".join(names[start:start + options.group])]
                for start in range(0, len(names), options.group)]
    towers = ["--towers", str(options.towers)] if options.work == "alexnet" else []
    batches = options.batches or {"lenet": "1,32,128,512", "alexnet": "1,8,32"}[options.work]
    return [["--batches", batch] + towers for batch in batches.split(",")]


def group_of(options, case):
    """The arguments that measure a single case."""
    parts = case.split("/")
    if options.work == "layers":
        return ["--shapes", options.shapes, "--only", parts[1]]
    towers = ["--towers", str(options.towers)] if options.work == "alexnet" else []
    return ["--batches", parts[2].removeprefix("b")] + towers


def measure(options, group, rounds):
    """The cases of a group by name, with one rate per round."""
    found = {}
    ours, peers = commands(options, group)
    for _ in range(rounds):
        mine = rates(options, ours)
        theirs = {name: rates(options, command) for name, command in peers.items()}
        for case in dict.fromkeys(case for peer in theirs.values() for case in peer):
            if case not in mine:
                sys.exit(f"bench printed no row for {case}")
            rate, name = max((peer[case], name) for name, peer in theirs.items() if case in peer)
            row = found.setdefault(case, {"case": case, "ours": [], "peer": [], "framework": []})
            row["ours"].append(mine[case])
            row["peer"].append(rate)
            row["framework"].append(name)
    return found


def ratios(row):
    return [ours / peer for ours, peer in zip(row["ours"], row["peer"])]


def compare(options):
    """The cases of a comparison, each with its rates of all rounds."""
    found = {}
    for group in groups(options):
        found |= measure(options, group, options.rounds)
    if options.retry:
        for case in [case for case, row in found.items() if statistics.median(ratios(row)) < options.retry]:
            found[case] = measure(options, group_of(options, case), RETRY_ROUNDS)[case]
    return list(found.values())


def print_comparison(options, cases):
    print(f"{'case':34s} {'ours':>10s} {'best peer':>10s}  {'':12s} ratio  (min .. max)   "
          f"[{rate_field(options)}]")
    means = {}
    for row in cases:
        values = ratios(row)
        ours, peer, name = sorted(zip(row["ours"], row["peer"], row["framework"]))[len(values) // 2]
        print(f"{row['case']:34s} {ours:10.0f} {peer:10.0f}  {name:12s} {statistics.median(values):5.2f}"
              f"  ({min(values):.2f} .. {max(values):.2f})")
        parts = row["case"].split("/")
        means.setdefault(parts[2 if options.work == "layers" else 1], []).append(statistics.median(values))
    for work, values in means.items():
        mean = math.exp(statistics.fmean(map(math.log, values)))
        print(f"geometric mean {work}: {mean:.2f}   minimum {min(values):.2f}   {len(values)} cases")


def processor():
    """The processor's name with its family and model."""
    with open("/proc/cpuinfo") as file:
        fields = dict(map(str.strip, line.split(":", 1)) for line in file if ":" in line)
    return f"{fields.get('model name')} (family {fields.get('cpu family')}, model {fields.get('model')})"


def versions(options):
    """The versions of the libraries that a comparison ran."""
    found = {}
    if options.baseline:
        return found
    for peer in PEERS[options.work]:
        for package in PACKAGES[peer]:
            try:
                found[peer] = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                pass
    return found


def header(options):
    """What a reader needs to judge the numbers and to measure them again."""
    words = sys.argv[1:]
    if "--json" in words:  # where the result goes does not change it
        del words[words.index("--json"):words.index("--json") + 2]
    arguments = [os.path.relpath(word) if os.path.isabs(word) else word for word in words]
    found = {"command": shlex.join(["Benchmarks/peers/compare.py"] + arguments)}
    if options.work != "record":
        found |= {"rounds": options.rounds, "seconds": options.seconds, "threads": options.threads,
                  "unit": rate_field(options), "peers": versions(options)}
    _, machine = run([options.bench, "layers", "--only", "dilated", "--check", "--threads", "1"])
    swift = re.search(r"Swift version (\S+)", run(["swift", "--version"])[0])
    return found | {
        "cpu": processor(), "cores": len(os.sched_getaffinity(0)),
        "openblas": re.search(r"OpenBLAS (\S+)", machine).group(1), "swift": swift.group(1),
        "commit": run(["git", "rev-parse", "--short=7", "HEAD"])[0].strip(),
        "date": datetime.date.today().isoformat(),
    }


def main():
    options = arguments()
    if options.work == "record":
        found = [row for words in options.bench_arguments
                 for row in rows([options.bench] + shlex.split(words) + ["--json"])]
        for row in found:
            print(json.dumps(row))
    else:
        found = compare(options)
        print_comparison(options, found)
    if options.json:
        lines = [{"header": header(options)}] + found
        with open(options.json, "w") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)


if __name__ == "__main__":
    main()
