#!/usr/bin/env python3
"""AlexNet in PyTorch on the CPU, on the work that `bench alexnet` measures, side by side with it.

    alexnet.py peer    [--batches 1,8,32] [--towers 2|1] [--threads 2] [--seconds 2]     PyTorch alone, a JSON row a case
    alexnet.py compare [--batches 1,8,32] [--towers 2|1] [--threads 2] [--seconds 2] [--rounds 3] [--json FILE]

`compare` runs `bench alexnet` and PyTorch in turn and prints the ratio of each case, ours over PyTorch's, round by
round and its median. Run it from the package's root after `swift build -c release --product bench`, with a
Python that has PyTorch (`pip install torch --index-url https://download.pytorch.org/whl/cpu` in a virtual environment).

The net is Krizhevsky et al. (2012): 227x227x3 images, groups in conv 2, 4 and 5 (--towers 1: none), local response
normalization with k=2, n=5, alpha=1e-4 (not divided by n, so PyTorch gets 5e-4), beta=0.75, 3x3 pooling by steps of 2,
dropout 0.5. A training step is forward, cross-entropy, backward and SGD with momentum 0.9 and weight decay
0.0005. For each case PyTorch's best variant counts: contiguous or channels_last, plain or fused SGD.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["peer", "compare"])
    parser.add_argument("--batches", default="1,8,32", help="images a step, comma-separated")
    parser.add_argument("--towers", type=int, choices=[1, 2], default=2)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=2.0, help="how long a case is timed")
    parser.add_argument("--rounds", type=int, default=3, help="compare: how often both are run")
    parser.add_argument("--bench", default=".build/release/bench", help="compare: the program of this package")
    parser.add_argument("--json", help="compare: a file for all of it")
    return parser.parse_args()


def alexnet(nn, towers):
    """The layers in PyTorch's order of axes."""
    def convolution(inputs, outputs, kernel, bias, **settings):
        layer = nn.Conv2d(inputs, outputs, kernel, **settings)
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.constant_(layer.bias, bias)
        return [layer, nn.ReLU(inplace=True)]

    def dense(inputs, outputs, bias):
        layer = nn.Linear(inputs, outputs)
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.constant_(layer.bias, bias)
        return layer

    def normalization():
        return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)

    return nn.Sequential(
        *convolution(3, 96, 11, 0, stride=4), normalization(), nn.MaxPool2d(3, 2),
        *convolution(96, 256, 5, 1, padding=2, groups=towers), normalization(), nn.MaxPool2d(3, 2),
        *convolution(256, 384, 3, 0, padding=1),
        *convolution(384, 384, 3, 1, padding=1, groups=towers),
        *convolution(384, 256, 3, 1, padding=1, groups=towers), nn.MaxPool2d(3, 2),
        nn.Flatten(),
        dense(9216, 4096, 1), nn.ReLU(inplace=True), nn.Dropout(0.5),
        dense(4096, 4096, 1), nn.ReLU(inplace=True), nn.Dropout(0.5),
        dense(4096, 1000, 0))


def median_seconds(work, seconds, least=5):
    work()
    work()
    samples, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(samples) < least:
        start = time.perf_counter()
        work()
        samples.append(time.perf_counter() - start)
    return statistics.median(samples)


def peer(options):
    import torch
    from torch import nn
    torch.set_num_threads(options.threads)
    for batch in map(int, options.batches.split(",")):
        best = {}
        for layout in (torch.contiguous_format, torch.channels_last):
            net = alexnet(nn, options.towers)
            assert sum(p.numel() for p in net.parameters()) == {1: 62_378_344, 2: 60_965_224}[options.towers]
            net = net.to(memory_format=layout)
            images = torch.rand(batch, 3, 227, 227).to(memory_format=layout)
            classes = torch.randint(0, 1000, (batch,))
            cross_entropy = nn.CrossEntropyLoss()
            for fused in (False, True):
                sgd = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=0.0005, fused=fused)

                def step():
                    sgd.zero_grad(set_to_none=True)
                    cross_entropy(net(images), classes).backward()
                    sgd.step()

                rate = batch / median_seconds(step, options.seconds / 4)
                best["train"] = max(best.get("train", 0), rate)
                sgd.zero_grad(set_to_none=True)
                del sgd
            net.eval()
            with torch.inference_mode():
                rate = batch / median_seconds(lambda: torch.softmax(net(images), 1), options.seconds / 2)
            best["infer"] = max(best.get("infer", 0), rate)
        for work, rate in best.items():
            row = {"case": case_name(options.towers, work, batch), "framework": "torch", "threads": options.threads}
            print(json.dumps(row | {"images_per_second": rate}), flush=True)


def case_name(towers, work, batch):
    return f"alexnet{'' if towers == 2 else '1'}/{work}/b{batch}"


def rows(command):
    """The rows that a program prints, by case; ends this one where the program fails."""
    try:
        result = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        sys.exit(f"{command[0]} does not run: {error.strerror}; see --help for how to build it")
    if result.returncode:
        sys.exit(f"{' '.join(command)}\nexited with {result.returncode}\n{result.stderr[-2000:]}")
    found = (json.loads(line) for line in result.stdout.splitlines() if line.startswith("{"))
    return {row["case"]: row for row in found if "case" in row}


def compare(options):
    common = ["--batches", options.batches, "--threads", str(options.threads), "--seconds", str(options.seconds)]
    ours = [options.bench, "alexnet", "--towers", str(options.towers), "--json"] + common
    theirs = [sys.executable, os.path.abspath(__file__), "peer", "--towers", str(options.towers)] + common
    rounds = {}
    for _ in range(options.rounds):
        mine, torch_rows = rows(ours), rows(theirs)
        for case, row in torch_rows.items():
            if case not in mine:
                sys.exit(f"bench printed no row for {case}")
            rounds.setdefault(case, []).append((mine[case]["images_per_second"], row["images_per_second"]))
    print(f"{'case':20s} {'ours':>9s} {'PyTorch':>9s}  ratio  (least .. most)   [images/s]")
    for case, pairs in rounds.items():
        ratios = [mine / peers for mine, peers in pairs]
        mine, peers = (statistics.median(column) for column in zip(*pairs))
        print(f"{case:20s} {mine:9.1f} {peers:9.1f}  {statistics.median(ratios):5.2f}"
              f"  ({min(ratios):.2f} .. {max(ratios):.2f})")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(rounds, file, indent=1)


if __name__ == "__main__":
    chosen = arguments()
    {"peer": peer, "compare": compare}[chosen.what](chosen)
