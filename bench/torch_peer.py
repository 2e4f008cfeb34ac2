"""A PyTorch process that is told over its input what to run: what all its networks have in common.

Lines of input: `NAME STEPS` trains the network of that name; `product SIZE` multiplies two square matrices some times;
`memory 0` asks for the bytes that the process has taken since it was ready. The answer to each is a number: seconds of all
steps, with the loss of the last one read; seconds of the fastest product; bytes. The first line of output is the name.
"""

import argparse
import sys
import time

import torch

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("batch", type=int, help="examples a step")
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


def serve(make_step):
    """Answers until input ends. `make_step(name)` gives a function that takes a step and returns its loss."""
    steps = {}
    ready = resident()

    def train(name, count):
        begin = time.perf_counter()
        if name not in steps:
            steps[name] = make_step(name)
        for _ in range(count):
            loss = steps[name]()
        float(loss)
        wait()
        return time.perf_counter() - begin

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
