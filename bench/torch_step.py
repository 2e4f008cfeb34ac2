"""The worked example's training step in PyTorch, and recurrent layers', for comparison; see torch_peer.py.

`plain` and `channels_last` are the worked example, `rnn`, `gru` and `lstm` a recurrent layer of 256 units on 64 characters of 65
kinds with plain gradient descent.
"""

import torch
import torch.nn as nn

from torch_peer import batch, device, serve


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
    layer = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind](units, units).to(device)
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


serve(lambda name: make_recurrent(name) if name in ("rnn", "gru", "lstm") else make_step(name == "channels_last"))
