"""The loop of `edgeface-train distil` as one writes it in PyTorch: same network, loss, optimisers, batch and number of threads; the teacher
in the same loop. Crops are only mirrored: edgeface-train also makes the changes of its recipe. Reads numbers of steps, a line each, and
answers each with the seconds that they took (`EdgeFace.Bench distil` runs it against ours)."""
import argparse
import os
import sys
import time

import numpy
import torch
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "pytorch"))
import edgeface



def orthogonalise(matrices, dtype):
    """Muon's five steps of Newton and Schulz on a stack of matrices."""
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.transpose(1, 2) if tall else matrices).to(dtype)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x.transpose(1, 2) if tall else x).to(matrices.dtype)


class Muon:
    """For matrices, those of one shape together; updates of AdamW's size."""

    def __init__(self, parameters, rate, momentum, dtype):
        self.rate, self.momentum, self.dtype = rate, momentum, dtype
        shapes = sorted({tuple(p.shape) for p in parameters})
        self.stacks = [[p for p in parameters if tuple(p.shape) == shape] for shape in shapes]
        self.means = [torch.zeros(len(s), *s[0].shape) for s in self.stacks]

    @torch.no_grad()
    def step(self):
        for stack, mean in zip(self.stacks, self.means):
            gradients = torch.stack([p.grad for p in stack])
            mean.lerp_(gradients, 1 - self.momentum)
            update = orthogonalise(gradients.lerp(mean, self.momentum), self.dtype)
            torch._foreach_add_(stack, list(update), alpha=-self.rate * 0.2 * max(update.shape[1:]) ** 0.5)


class Loop:
    def __init__(self, options):
        torch.set_num_threads(options.threads)
        torch.manual_seed(1)
        self.options, self.seen, self.rng = options, 0, numpy.random.default_rng(1)
        self.layout = torch.channels_last if options.channels_last else torch.contiguous_format
        self.crops = numpy.memmap(options.crops, numpy.uint8, "r").reshape(-1, 112, 112, 3)
        self.teacher = edgeface.EdgeFace(options.teacher_network).eval().requires_grad_(False).to(memory_format=self.layout)
        self.teacher.load_state_dict(torch.load(options.teacher, weights_only=True))
        self.network = edgeface.EdgeFace(options.network, options.gamma).train().to(memory_format=self.layout)
        parameters = list(self.network.parameters())
        self.average = [p.detach().clone() for p in parameters]
        self.adam = torch.optim.AdamW([p for p in parameters if p.dim() != 2], lr=1e-4, weight_decay=0, foreach=True)
        self.muon = Muon([p for p in parameters if p.dim() == 2], 2e-4, 0.95, torch.bfloat16 if options.bfloat16 else torch.float32)

    def views(self):
        chosen = torch.from_numpy(self.crops[self.rng.integers(len(self.crops), size=self.options.batch)])
        images = edgeface.inputs(chosen).contiguous(memory_format=self.layout)
        mirrored = torch.from_numpy(self.rng.random(self.options.batch) < 0.5)
        return torch.where(mirrored[:, None, None, None], images.flip(3), images)

    def run(self, steps):
        for _ in range(steps):
            loss = self.step()
        return loss

    def step(self):
        images = self.views()
        parts = images.split(self.options.part)
        for part in parts:
            with torch.autocast("cpu", torch.bfloat16, enabled=self.options.bfloat16):
                with torch.no_grad():
                    target = self.teacher(part)
                raw = self.network(part)
            student, target = F.normalize(raw.float()), F.normalize(target.float())
            cosine = 1 - (student * target).sum(1).mean()
            similarity = (student @ student.t() - target @ target.t()).square().sum() / len(part)
            loss = (cosine + 0.1 * similarity) / len(parts)
            loss.backward()
        parameters = list(self.network.parameters())
        torch.nn.utils.clip_grad_norm_(parameters, 10)
        self.adam.step()
        self.muon.step()
        for p in parameters:
            p.grad = None
        torch._foreach_lerp_(self.average, [p.detach() for p in parameters], self.options.batch / 50_000)
        return cosine.item()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="edgeface_xs_gamma_06", choices=edgeface.VARIANTS)
    parser.add_argument("--gamma", type=float)
    parser.add_argument("--teacher", required=True, help="a .pt file of floats")
    parser.add_argument("--teacher-network", default="edgeface_xs_q", choices=edgeface.VARIANTS)
    parser.add_argument("--crops", required=True, help="bytes of 112 x 112 x 3, as edgeface-train keeps them in its cache")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--part", type=int, default=64, help="views of one pass")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bfloat16", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    loop = Loop(parser.parse_args())
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        loss = loop.run(int(line))
        print(f"{time.perf_counter() - start:.6f} {loss:.4f}", flush=True)


if __name__ == "__main__":
    main()
