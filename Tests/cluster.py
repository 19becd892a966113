#!/usr/bin/env python3
"""Training over a network: the time per step that a model predicts, and what it is between network namespaces of this machine.

  python3 Tests/cluster.py TOOLS DATA    TOOLS holds dnn-train with MPI, DATA is MNIST; as root, on Linux, a few minutes
  python3 Tests/cluster.py --table       the predictions alone, for 1 to 1,024 machines

Each namespace is a machine of its own to mpirun, with one rank of one thread. Its network is as fast as tc's token bucket filter
lets it be, and a process between the machines passes each packet on after the time that the network is to take.
"""
import collections
import json
import math
import multiprocessing
import os
import select
import socket
import subprocess
import sys
import tempfile
import time

SHARD = 16
FLOAT = 4


class Network:
    """Latency of a message in seconds, the time that the processor needs for one, and bytes a second in each direction."""

    def __init__(self, latency, overhead, bandwidth):
        self.latency, self.overhead, self.bandwidth = latency, overhead, bandwidth


class Training:
    """What a step of training costs one rank.

    shard: seconds for a shard of 16 images, forward and back. update: seconds for what each rank does by itself after a batch.
    buckets: bytes of gradients, in the order in which they can go, and the part of a shard's time that is over then.
    """

    def __init__(self, shard, update, buckets):
        self.shard, self.update, self.buckets = shard, update, buckets


def roots(shards, total):
    """Subtrees of neighbouring shards, as SumTree.roots counts them."""
    count, first = 0, shards[0]
    while first < shards[1]:
        size = 1
        while size < total and first % (2 * size) == 0 and min(first + 2 * size, total) <= shards[1]:
            size *= 2
        count, first = count + 1, first + size
    return count


def bytes_sent(training, batch, ranks):
    """Most that a rank sends in a step: its subtrees to their owners, then its part of the sum to all."""
    total = math.ceil(batch / SHARD)
    bounds = [-(-rank * total // ranks) for rank in range(ranks + 1)]
    trees = max(roots(shards, total) for shards in zip(bounds, bounds[1:]))
    gradients = sum(size for size, _ in training.buckets)
    return (trees + 1) * (ranks - 1) / ranks * gradients


def step(training, network, batch, ranks, threads=1, overlaps=True):
    """Seconds of a step, and of its computation."""
    total = math.ceil(batch / SHARD)
    shards = math.ceil(total / ranks)
    rounds = math.ceil(shards / threads)
    last = (rounds - 1) * training.shard
    computation = rounds * training.shard
    end = 0.0
    if ranks > 1:
        gradients = sum(size for size, _ in training.buckets)
        sent = bytes_sent(training, batch, ranks)
        for size, part in training.buckets:
            ready = last + part * training.shard if overlaps else computation
            messages = 2 * (network.latency + (ranks - 1) * network.overhead)
            end = max(end, ready) + messages + sent * size / gradients / network.bandwidth
    return max(computation, end) + training.update, computation + training.update


def table():
    ethernet = Network(latency=30e-6, overhead=5e-6, bandwidth=10e9 / 8)
    infiniband = Network(latency=2e-6, overhead=0.5e-6, bandwidth=100e9 / 8)
    convnet = Training(shard=CONVNET_SHARD, update=CONVNET_UPDATE, buckets=CONVNET_BUCKETS)
    print("| ranks | batch 128, 10 Gbit/s | batch 1,024, 10 Gbit/s | batch 8,192, 10 Gbit/s | batch 8,192, 100 Gbit/s |")
    print("|---|---|---|---|---|")
    for ranks in [2**power for power in range(11)]:
        cells = []
        for batch, network in [(128, ethernet), (1024, ethernet), (8192, ethernet), (8192, infiniband)]:
            alone, _ = step(convnet, network, batch, 1)
            seconds, _ = step(convnet, network, batch, ranks)
            cells.append(f"{100 * alone / seconds / ranks:.0f} % ({1000 * seconds:.2f} ms)")
        print(f"| {ranks} | " + " | ".join(cells) + " |")


# Of the recipe convnet on one thread of the processor that the page's table names; measured by this script.
CONVNET_SHARD, CONVNET_UPDATE = 0.82e-3, 1.2e-3
# Dense layers, then convolutions. The dense layers are a twelfth of the multiply-adds, and a third of a layer's work is its
# forward pass.
CONVNET_BUCKETS = [
    ((1600 * 128 + 128 + 128 * 16 + 16) * FLOAT, 1 / 3 + 2 / 3 / 12), ((9 * 32 * 64 + 64 + 9 * 32 + 32) * FLOAT, 1)]


def run(*words):
    subprocess.run(words, check=True)


def forward(interfaces, latency):
    """Passes every packet that comes from one of two interfaces to the other, `latency` seconds after it came."""
    # Numbers of the kernel's headers. With its own header a packet keeps its checksum and its segments for the kernel to fill in.
    level, with_header, ignore_outgoing, receive_buffer = 263, 15, 23, 33
    every_protocol = socket.htons(3)
    ends = []
    for name in interfaces:
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, every_protocol)
        end.setsockopt(level, with_header, 1)
        end.setsockopt(level, ignore_outgoing, 1)
        end.setsockopt(socket.SOL_SOCKET, receive_buffer, 64 << 20)
        end.bind((name, 0))
        ends.append(end)
    waiting = collections.deque()
    while True:
        pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        for end in select.select(ends, [], [], pause)[0]:
            waiting.append((time.monotonic() + latency, ends[end is ends[0]], end.recv(1 << 17)))
        while waiting and waiting[0][0] <= time.monotonic():
            _, other, packet = waiting.popleft()
            other.send(packet)


class Namespaces:
    """Machines that are namespaces, on one bridge."""

    device, network = "eth0", "10.77.0.0/24"

    def __init__(self, count):
        self.names = [f"dnn{index + 1}" for index in range(count)]
        self.links = []

    def __enter__(self):
        run("ip", "link", "add", "dnn0", "type", "bridge")
        run("ip", "addr", "add", "10.77.0.254/24", "dev", "dnn0")
        run("ip", "link", "set", "dnn0", "up")
        for index, name in enumerate(self.names):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
            self.connect(name, "eth0", f"10.77.0.{index + 1}/24", f"{name}-out")
            run("ip", "link", "set", f"{name}-out", "master", "dnn0")
        return self

    def __exit__(self, *_):
        # With its namespace a link would go, too, but only after a while.
        for link in self.links:
            subprocess.run(["ip", "link", "del", link])
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name])
        subprocess.run(["ip", "link", "del", "dnn0"])

    def connect(self, name, device, address, outside):
        run("ip", "link", "add", outside, "type", "veth", "peer", "name", device, "netns", name)
        self.links.append(outside)
        run("ip", "link", "set", outside, "up")
        run("ip", "-n", name, "addr", "add", address, "dev", device)
        run("ip", "-n", name, "link", "set", device, "up")

    def limit(self, bits):
        for name in self.names:
            subprocess.run(["tc", "-n", name, "qdisc", "del", "dev", self.device, "root"], stderr=subprocess.DEVNULL)
            if bits:
                run("tc", "-n", name, "qdisc", "add", "dev", self.device, "root", "tbf", "rate", str(bits), "burst", "64k",
                    "latency", "100ms")

    def bytes_sent(self):
        path = f"/sys/class/net/{self.device}/statistics/tx_bytes"
        return [int(subprocess.run(["ip", "netns", "exec", name, "cat", path], capture_output=True).stdout)
                for name in self.names]


class DistantNamespaces(Namespaces):
    """Two machines that send their messages over a line of their own, which takes its time."""

    device, network = "eth1", "10.78.0.0/24"

    def __init__(self, latency):
        super().__init__(2)
        self.latency = latency

    def __enter__(self):
        super().__enter__()
        for index, name in enumerate(self.names):
            self.connect(name, "eth1", f"10.78.0.{index + 1}/24", f"{name}-line")
            # Fewer packets for the process between them, which needs the same processors.
            run("ip", "link", "set", f"{name}-line", "mtu", "9000")
            run("ip", "-n", name, "link", "set", "eth1", "mtu", "9000")
        self.line = multiprocessing.Process(
            target=forward, args=([f"{name}-line" for name in self.names], self.latency), daemon=True)
        self.line.start()
        return self

    def __exit__(self, *_):
        self.line.terminate()
        self.line.join()
        super().__exit__()


def train(work, words, batch):
    """Seconds of a step, and of its computation, by the second of two epochs."""
    output = subprocess.run(
        words + ["--batch", str(batch), "--quiet", "--json", "--epochs", "2", "--threads", "1", "--out", work + "/model.dnn"],
        check=True, capture_output=True, text=True).stdout
    epoch = json.loads(output.splitlines()[1])
    steps = math.ceil(IMAGES / batch)
    return epoch["seconds"] / steps, (epoch["seconds"] - epoch.get("waitingSeconds", 0)) / steps, steps


# Of the 60,000, to keep the measurement short.
HELD_OUT = 40000
IMAGES = 60000 - HELD_OUT


def measure(tools, data):
    work = tempfile.mkdtemp()
    options = ["--recipe", "convnet", "--data", data, "--held-out", str(HELD_OUT)]
    agent = work + "/agent"
    with open(agent, "w") as file:
        file.write('#!/bin/sh\nhost=$1\nshift\nexec ip netns exec "$host" unshare --uts sh -c "hostname $host; $*"\n')
    os.chmod(agent, 0o755)
    dnn_train = [tools + "/dnn-train"] + options
    one, _, _ = train(work, dnn_train, 16)
    eight, _, _ = train(work, dnn_train, 128)
    shard = (eight - one) / 7
    training = Training(shard, one - shard, CONVNET_BUCKETS)
    print(f"a shard {1000 * shard:.3f} ms, the update {1000 * training.update:.3f} ms")
    print("| machines | network | overlap | predicted | measured | of it computing | MB a step, predicted | measured |")
    print("|---|---|---|---|---|---|---|---|")
    with Namespaces(4) as machines:
        for count, bits in [(2, None), (2, 10**9), (2, 3 * 10**8), (4, None), (4, 10**9), (4, 3 * 10**8)]:
            compare(work, agent, dnn_train, training, machines, count, bits)
    for latency, bits in [(1e-3, 10**9), (5e-3, 10**9)]:
        with DistantNamespaces(latency) as machines:
            compare(work, agent, dnn_train, training, machines, 2, bits, latency)


def compare(work, agent, dnn_train, training, machines, count, bits, latency=30e-6):
    """Two lines of the table. Without a line between them, a message's time is the kernel's."""
    machines.limit(bits)
    mpirun = ["mpirun", "--allow-run-as-root", "--mca", "plm_rsh_agent", agent, "--mca", "btl", "tcp,self", "--bind-to",
              "none", "--mca", "mpi_yield_when_idle", "1", "--host", ",".join(machines.names[:count])]
    # Otherwise messages above 64 KB wait for an answer before they go.
    for name in ["eager_limit", "sndbuf", "rcvbuf"]:
        mpirun += ["--mca", "btl_tcp_" + name, str(4 << 20)]
    mpirun += ["--mca", "oob_tcp_if_include", Namespaces.network, "--mca", "btl_tcp_if_include", machines.network]
    # The kernel copies 3 GB/s on the way.
    network = Network(latency, 10e-6, min(bits / 8, 3e9) if bits else 3e9)
    # The machines share this one's processors.
    share = max(1, count / len(os.sched_getaffinity(0)))
    shared = Training(share * training.shard, share * training.update, training.buckets)
    name = f"{bits / 1e9:g} Gbit/s" if bits else "not limited"
    if latency >= 1e-3:
        name += f", {1000 * latency:g} ms"
    for overlaps in [True, False]:
        before = machines.bytes_sent()
        seconds, computing, steps = train(
            work, mpirun + ["-x", f"DNN_OVERLAP={int(overlaps)}", "-np", str(count)] + dnn_train, 128)
        sent = max(after - start for after, start in zip(machines.bytes_sent(), before)) / steps / 2
        predicted, _ = step(shared, network, 128, count, overlaps=overlaps)
        print(f"| {count} | {name} | {'yes' if overlaps else 'no'} | "
              f"{1000 * predicted:.2f} ms | {1000 * seconds:.2f} ms | {1000 * computing:.2f} ms | "
              f"{bytes_sent(training, 128, count) / 1e6:.2f} | {sent / 1e6:.2f} |", flush=True)


if sys.argv[1:] == ["--table"]:
    table()
elif len(sys.argv) == 3:
    measure(sys.argv[1], sys.argv[2])
else:
    sys.exit(__doc__)
