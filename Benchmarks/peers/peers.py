#!/usr/bin/env python3
"""The throughput of PyTorch, TensorFlow, ONNX Runtime and OpenVINO on the work that `bench` measures.

    peers.py lenet   --framework torch|tensorflow|onnxruntime|openvino [--batches 1,32,128,512]
    peers.py alexnet --framework torch [--batches 1,8,32] [--towers 2|1]
    peers.py layers  --framework torch --shapes layers.json [--only NAMES]
    peers.py export  --onnx FILE            LeNet-5 as an ONNX file

Prints one JSON object per line, with the case names and fields of `bench --json`. compare.py runs it; see
there for the packages to install.

Each framework gets its best variant per case. PyTorch: eager mode, the faster of contiguous and channels_last
tensors and of the plain and the fused optimizer. TensorFlow: a traced tf.function. ONNX Runtime and OpenVINO:
inference only. FLOPs of a layer are those of the definition: 2*N*OH*OW*Cout*(Cin/groups)*KH*KW forward, and
the same again backward for the kernel gradient and, unless the layer is the first one of its network, for the
input gradient.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["lenet", "alexnet", "layers", "export"])
    parser.add_argument(
        "--framework", choices=["torch", "tensorflow", "onnxruntime", "openvino"], default="torch")
    parser.add_argument("--batches", default="1,32", help="batch sizes, comma-separated")
    parser.add_argument("--towers", type=int, choices=[1, 2], default=2, help="alexnet: groups of the net")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=0.5, help="time that a variant of a case is sampled")
    parser.add_argument("--shapes", help="layers: a JSON list of layers")
    parser.add_argument("--only", help="layers: names, comma-separated")
    parser.add_argument("--onnx", help="export: the file to write; lenet: the file to read")
    return parser.parse_args()


def batch_sizes(options):
    return [int(size) for size in options.batches.split(",")]


def median_seconds(work, seconds, repetitions=1, min_samples=5):
    """The median time of one repetition, after two warm-up runs."""
    work()
    work()
    samples, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(samples) < min_samples:
        start = time.perf_counter()
        for _ in range(repetitions):
            work()
        samples.append((time.perf_counter() - start) / repetitions)
    return statistics.median(samples)


def repetitions(batch):
    """Runs per sample: small batches are repeated, as in `bench lenet`."""
    return max(1, 512 // batch)


def report(options, case, **rate):
    row = {"case": case, "framework": options.framework, "threads": options.threads} | rate
    print(json.dumps(row), flush=True)


class Best:
    """The highest rate of each kind of work."""

    def __init__(self):
        self.rates = {}

    def add(self, work, rate):
        self.rates[work] = max(rate, self.rates.get(work, 0))


# PyTorch


def torch_rates(options, make_net, image_shape, classes, make_optimizer, batch, count):
    """Training and inference rates in images/s, the best over memory formats and optimizers."""
    import torch
    from torch import nn
    best = Best()
    for layout in (torch.contiguous_format, torch.channels_last):
        net = make_net().to(memory_format=layout)
        images = torch.rand(batch, *image_shape).to(memory_format=layout)
        labels = torch.randint(0, classes, (batch,))
        cross_entropy = nn.CrossEntropyLoss()
        for fused in (False, True):
            optimizer = make_optimizer(net.parameters(), fused)

            def step():
                optimizer.zero_grad(set_to_none=True)
                cross_entropy(net(images), labels).backward()
                optimizer.step()

            best.add("train", batch / median_seconds(step, options.seconds, count))
            optimizer.zero_grad(set_to_none=True)
            del optimizer
        net.eval()
        with torch.inference_mode():
            seconds = median_seconds(lambda: torch.softmax(net(images), 1), options.seconds, count)
        best.add("infer", batch / seconds)
    return best.rates


def lenet_torch(options):
    import torch
    from networks import lenet5
    torch.set_num_threads(options.threads)
    for batch in batch_sizes(options):
        rates = torch_rates(
            options, lenet5, (1, 28, 28), 10, lambda p, fused: torch.optim.Adam(p, fused=fused),
            batch, repetitions(batch))
        for work, rate in rates.items():
            report(options, f"lenet5/{work}/b{batch}", images_per_second=rate)


def alexnet_torch(options):
    import torch
    from networks import alexnet
    torch.set_num_threads(options.threads)

    def sgd(parameters, fused):
        return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=0.0005, fused=fused)

    name = "alexnet" if options.towers == 2 else "alexnet1"
    for batch in batch_sizes(options):
        rates = torch_rates(
            options, lambda: alexnet(options.towers), (3, 227, 227), 1000, sgd, batch, count=1)
        for work, rate in rates.items():
            report(options, f"{name}/{work}/b{batch}", images_per_second=rate)


def layers_torch(options):
    import torch
    import torch.nn.functional as F
    torch.set_num_threads(options.threads)
    only = set(options.only.split(",")) if options.only else None
    with open(options.shapes) as file:
        layers = [layer for layer in json.load(file) if not only or layer["name"] in only]
    for layer in layers:
        best = Best()
        groups, first = layer.get("groups", 1), layer.get("first", False)
        settings = (layer.get("stride", [1, 1]), layer.get("padding", [0, 0]),
                    layer.get("dilation", [1, 1]), groups)
        for layout in (torch.contiguous_format, torch.channels_last):
            x = torch.rand(layer["batch"], layer["in"], layer["height"], layer["width"]) - 0.5
            k = torch.rand(layer["out"], layer["in"] // groups, *layer["kernel"]) - 0.5
            x, k, b = x.to(memory_format=layout), k.to(memory_format=layout), torch.rand(layer["out"])
            with torch.inference_mode():
                seconds = median_seconds(lambda: F.conv2d(x, k, b, *settings), options.seconds)
            leaves = [t.clone().requires_grad_(True) for t in ((k, b) if first else (k, b, x))]
            y = F.conv2d(x if first else leaves[2], leaves[0], leaves[1], *settings)
            flops = 2.0 * y.numel() * k[0].numel()
            best.add("forward", flops / seconds * 1e-9)
            gradient = torch.rand_like(y)
            seconds = median_seconds(
                lambda: torch.autograd.grad(y, leaves, gradient, retain_graph=True), options.seconds)
            best.add("backward", flops * (1 if first else 2) / seconds * 1e-9)
        for direction, rate in best.rates.items():
            report(options, f"layer/{layer['name']}/{direction}", gflops=rate)


# TensorFlow


def lenet_tensorflow(options):
    import tensorflow as tf
    from tensorflow.keras import Sequential, layers, losses, optimizers
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    for batch in batch_sizes(options):
        net = Sequential([
            layers.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"), layers.MaxPool2D(2, 2),
            layers.Conv2D(16, 5, activation="relu"), layers.MaxPool2D(2, 2), layers.Flatten(),
            layers.Dense(120, activation="relu"), layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax")])
        optimizer, cross_entropy = optimizers.Adam(), losses.CategoricalCrossentropy()
        images = tf.random.uniform((batch, 28, 28, 1))
        labels = tf.one_hot(tf.random.uniform((batch,), 0, 10, tf.int32), 10)

        @tf.function
        def train():
            with tf.GradientTape() as tape:
                loss = cross_entropy(labels, net(images, training=True))
            gradients = tape.gradient(loss, net.trainable_variables)
            optimizer.apply_gradients(zip(gradients, net.trainable_variables))
            return loss

        @tf.function
        def infer():
            return net(images, training=False)

        for work, run in (("train", train), ("infer", infer)):
            seconds = median_seconds(run, options.seconds, repetitions(batch))
            report(options, f"lenet5/{work}/b{batch}", images_per_second=batch / seconds)


# ONNX Runtime and OpenVINO


def export(options):
    """Writes LeNet-5 as ONNX: input `x` [batch, 1, 28, 28], weights from seed 0, opset 17."""
    import torch
    from networks import lenet5
    torch.manual_seed(0)
    torch.onnx.export(
        lenet5().eval(), torch.zeros(2, 1, 28, 28), options.onnx, input_names=["x"], output_names=["y"],
        dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, opset_version=17, dynamo=False)


def lenet_inference(options, make_run):
    """Times `make_run(onnx file, images)()`; without --onnx, another process writes the file first."""
    import numpy
    with tempfile.TemporaryDirectory() as folder:
        path = options.onnx or os.path.join(folder, "lenet5.onnx")
        if not options.onnx:
            subprocess.run([sys.executable, os.path.abspath(__file__), "export", "--onnx", path], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for batch in batch_sizes(options):
            images = numpy.random.rand(batch, 1, 28, 28).astype(numpy.float32)
            seconds = median_seconds(make_run(path, images), options.seconds, repetitions(batch))
            report(options, f"lenet5/infer/b{batch}", images_per_second=batch / seconds)


def lenet_onnxruntime(options):
    import onnxruntime

    def make_run(path, images):
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads, settings.inter_op_num_threads = options.threads, 1
        session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
        return lambda: session.run(None, {"x": images})

    lenet_inference(options, make_run)


def lenet_openvino(options):
    import openvino

    def make_run(path, images):
        core = openvino.Core()
        model = core.read_model(path)
        model.reshape(list(images.shape))
        settings = {"INFERENCE_NUM_THREADS": options.threads, "PERFORMANCE_HINT": "LATENCY",
                    "INFERENCE_PRECISION_HINT": "f32"}
        request = core.compile_model(model, "CPU", settings).create_infer_request()
        return lambda: request.infer([images], share_inputs=True)

    lenet_inference(options, make_run)


WORK = {
    ("lenet", "torch"): lenet_torch, ("lenet", "tensorflow"): lenet_tensorflow,
    ("lenet", "onnxruntime"): lenet_onnxruntime, ("lenet", "openvino"): lenet_openvino,
    ("alexnet", "torch"): alexnet_torch, ("layers", "torch"): layers_torch, ("export", "torch"): export,
}

if __name__ == "__main__":
    chosen = arguments()
    if (chosen.work, chosen.framework) not in WORK:
        sys.exit(f"{chosen.framework} has no {chosen.work}; use --framework torch")
    WORK[chosen.work, chosen.framework](chosen)
