"""Whole networks' training steps in PyTorch, for comparison; see torch_peer.py.

`transformer` is a causal transformer of 4 layers, 4 heads, 128 wide, on 16 texts of 128 characters of 65 kinds, with Adam;
`audio` a classifier of sounds of 16, 32 and 64 filters on 32 clips of 63 frames of 40 bands, with Adam; `resnet` and `resnet_channels_last` a ResNet-9 of 16 to 128 channels on 128 images of 32 x 32 x 3, SGD with momentum.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

from torch_peer import device, serve


class Attention(nn.Module):
    def __init__(self, width, heads, tokens):
        super().__init__()
        self.heads = heads
        self.attend, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.register_buffer("later", torch.ones(tokens, tokens, dtype=torch.bool).triu(1))

    def forward(self, x):
        batch, tokens, width = x.shape
        heads = lambda part: part.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = map(heads, self.attend(x).split(width, 2))
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(2, 3) * (width // self.heads) ** -0.5
            y = scores.masked_fill(self.later, float("-inf")).softmax(3) @ v
        return self.join(y.transpose(1, 2).reshape(batch, tokens, width))


class Layer(nn.Module):
    def __init__(self, width, heads, tokens):
        super().__init__()
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads, tokens)
        self.hidden = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(self.first(x))
        return x + self.hidden(self.second(x))


class Transformer(nn.Module):
    def __init__(self, layers=4, heads=4, width=128, tokens=128, characters=65):
        super().__init__()
        self.embedding = nn.Embedding(characters, width)
        self.positions = nn.Parameter(0.02 * torch.randn(tokens, width))
        self.layers = nn.Sequential(*[Layer(width, heads, tokens) for _ in range(layers)])
        self.last = nn.LayerNorm(width)
        self.output = nn.Linear(width, characters)

    def forward(self, text):
        return self.output(self.last(self.layers(self.embedding(text) + self.positions)))


def block(inputs, outputs, pool=1):
    parts = [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    return nn.Sequential(*parts, *([nn.MaxPool2d(pool)] if pool > 1 else []))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Sequential(block(3, 16), block(16, 32, 2))
        self.middle = nn.Sequential(block(32, 32), block(32, 32))
        self.narrow = nn.Sequential(block(32, 64, 2), block(64, 128, 2))
        self.end = nn.Sequential(block(128, 128), block(128, 128))
        self.output = nn.Linear(128, 10)

    def forward(self, x):
        x = self.start(x)
        x = self.narrow(x + self.middle(x))
        x = x + self.end(x)
        return self.output(x.amax((2, 3)))


class Audio(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.blocks = nn.Sequential(block(1, 16, 2), block(16, 32, 2), block(32, 64))
        self.output = nn.Linear(1280, classes)

    def forward(self, x):
        x = self.blocks(x)
        return self.output(torch.cat([x.amax(2), x.mean(2)], 1).flatten(1))


def make_step(name):
    torch.manual_seed(0)
    if name == "transformer":
        net = Transformer().to(device)
        text = torch.randint(0, 65, (16, 129), device=device)
        given, wanted = text[:, :-1].contiguous(), text[:, 1:].reshape(-1)
        optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    elif name == "audio":
        net = Audio().to(device)
        given, wanted = torch.randn(32, 1, 63, 40, device=device), torch.randint(0, 10, (32,), device=device)
        optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    else:
        net = ResNet().to(device)
        given, wanted = torch.rand(128, 3, 32, 32, device=device), torch.randint(0, 10, (128,), device=device)
        if name.endswith("channels_last"):
            net, given = (x.to(memory_format=torch.channels_last) for x in (net, given))
        optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9)

    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(net(given).flatten(0, -2), wanted)
        loss.backward()
        optimizer.step()
        return loss

    return step


serve(make_step)
