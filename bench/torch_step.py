"""The worked example's training step in PyTorch, for comparison: a process that is told over its input what to run.

    python3 bench/torch_step.py BATCH

Lines of input: `plain N` and `channels_last N` run N training steps, `gemm N` multiplies two N x N matrices ten times.
The answer to each is the seconds that it took. The first line of output is the name.
"""

import os
import sys
import time

import torch
import torch.nn as nn

batch = int(sys.argv[1])
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.set_num_threads(os.cpu_count())


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


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

    return step


steps = {}
where = torch.cuda.get_device_name() if device == "cuda" else f"{torch.get_num_threads()} threads"
print(f"PyTorch {torch.__version__}, {device}, {where}", flush=True)
for line in sys.stdin:
    what, count = line.split()[0], int(line.split()[1])
    if what == "gemm":
        a, b = torch.rand(count, count, device=device), torch.rand(count, count, device=device)
        torch.mm(a, b)
        wait()
        begin = time.perf_counter()
        for _ in range(10):
            torch.mm(a, b)
    else:
        begin = time.perf_counter()
        if what not in steps:
            steps[what] = make_step(what == "channels_last")
        for _ in range(count):
            steps[what]()
    wait()
    print(time.perf_counter() - begin, flush=True)
