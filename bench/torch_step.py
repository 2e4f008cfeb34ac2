"""The worked example's training step in PyTorch, for comparison: a process that is told over its input what to run.

Lines of input: `plain STEPS` and `channels_last STEPS` train it, `rnn STEPS` and `gru STEPS` a recurrent layer of 256 units on
64 characters of 65 kinds with plain gradient descent, `product SIZE` multiplies two square matrices some times,
`memory 0` asks for the bytes that the process has taken since it was ready. The answer to each is a number: seconds of all
steps, with the loss of the last one read; seconds of the fastest product; bytes. The first line of output is the name.
"""

import argparse
import sys
import time

import torch
import torch.nn as nn

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("batch", type=int, help="images a step")
parser.add_argument("threads", type=int, help="threads; BLAS has its own, by OPENBLAS_NUM_THREADS and the like")
options = parser.parse_args()
batch = options.batch
torch.set_num_threads(options.threads)
device = "cuda" if torch.cuda.is_available() else "cpu"


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


def resident():
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096
    except OSError:
        return 0


def make_step(channels_last):
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, 10),
    ).to(device)
    images = torch.rand(batch, 3, 32, 32, device=device)
    labels = torch.randint(0, 10, (batch,), device=device)
    if channels_last:
        net = net.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    loss_of = nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        loss = loss_of(net(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step


def make_recurrent(kind):
    torch.manual_seed(0)
    characters, units, length = 65, 256, 64
    embedding = nn.Embedding(characters, units).to(device)
    layer = (nn.GRU if kind == "gru" else nn.RNN)(units, units).to(device)
    output = nn.Linear(units, characters).to(device)
    weights = [p for part in (embedding, layer, output) for p in part.parameters()]
    tokens = torch.randint(0, characters, (length + 1, batch), device=device)
    optimizer = torch.optim.SGD(weights, 0.1)
    loss_of = nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        states, _ = layer(embedding(tokens[:-1]))
        loss = loss_of(output(states).reshape(-1, characters), tokens[1:].reshape(-1))
        loss.backward()
        optimizer.step()
        return loss

    return step


steps = {}


def train(layout, count):
    begin = time.perf_counter()
    if layout not in steps:
        recurrent = layout in ("rnn", "gru")
        steps[layout] = make_recurrent(layout) if recurrent else make_step(layout == "channels_last")
    for _ in range(count):
        loss = steps[layout]()
    float(loss)
    wait()
    return time.perf_counter() - begin


def product(size):
    a, b = torch.rand(size, size, device=device), torch.rand(size, size, device=device)
    taken = []
    # A slow one is soon known to be slow; a fast one is warm after some.
    while len(taken) < 3 or sum(taken) < 0.2:
        begin = time.perf_counter()
        torch.mm(a, b)
        wait()
        taken.append(time.perf_counter() - begin)
    return min(taken)


ready = resident()
threads = torch.get_num_threads()
where = torch.cuda.get_device_name() if device == "cuda" else f"{threads} thread{'' if threads == 1 else 's'}"
print(f"PyTorch {torch.__version__}, {device}, {where}", flush=True)
for line in sys.stdin:
    what, count = line.split()
    if what == "memory":
        answer = resident() - ready
    elif what == "product":
        answer = product(int(count))
    else:
        answer = train(what, int(count))
    print(answer, flush=True)
