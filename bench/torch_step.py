"""The worked example's training step in PyTorch, for comparison. Prints one JSON object.

    python3 bench/torch_step.py BATCH ROUNDS STEPS_PER_ROUND
"""

import json
import os
import sys
import time

import torch
import torch.nn as nn

batch, rounds, steps = (int(a) for a in sys.argv[1:4])
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.set_num_threads(os.cpu_count())


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


def rates(channels_last):
    """Images a second, one number a round, after a warm-up; and the seconds of the first step."""
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

    begin = time.perf_counter()
    step()
    wait()
    first = time.perf_counter() - begin
    for _ in range(3):
        step()
    result = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(steps):
            step()
        wait()
        result.append(steps * batch / (time.perf_counter() - begin))
    return result, first


def gemm(n):
    """GFLOP/s of a product of two n x n matrices, one number a round."""
    a, b = torch.rand(n, n, device=device), torch.rand(n, n, device=device)
    torch.mm(a, b)
    result = []
    for _ in range(rounds):
        wait()
        begin = time.perf_counter()
        for _ in range(10):
            torch.mm(a, b)
        wait()
        result.append(10 * 2 * n**3 / (time.perf_counter() - begin) / 1e9)
    return result


plain, first = rates(False)
last, _ = rates(True)
name = torch.cuda.get_device_name() if device == "cuda" else f"{torch.get_num_threads()} threads"
print(json.dumps({
    "name": f"PyTorch {torch.__version__}, {device}, {name}",
    "firstStep": first,
    "plain": plain,
    "channelsLast": last,
    "gemm1024": gemm(1024),
}))
