"""embed.py CROPS FOLDER NAME=VARIANT[:GAMMA][+plain]...: loads FOLDER/NAME.pt as weights alone into the network of edgeface.py, strictly, and writes its
embeddings of length 1 of the crops (bytes, N x 112 x 112 x 3) to FOLDER/NAME.f32, and its state dict, by torch.save, to FOLDER/NAME.again.pt."""
import sys

import numpy
import torch

import edgeface

crops, folder, cases = sys.argv[1], sys.argv[2], sys.argv[3:]
torch.set_num_threads(1)
images = edgeface.inputs(torch.from_numpy(numpy.fromfile(crops, numpy.uint8).reshape(-1, 112, 112, 3)))
for case in cases:
    name, network = case.split("=")
    network, plain, _ = network.partition("+plain")
    variant, _, gamma = network.partition(":")
    module = edgeface.EdgeFace(variant, float(gamma) if gamma else None, plain_head=bool(plain)).eval()
    weights = torch.load(f"{folder}/{name}.pt", map_location="cpu", weights_only=True)
    module.load_state_dict(weights, strict=True)
    with torch.no_grad():
        torch.nn.functional.normalize(module(images)).numpy().tofile(f"{folder}/{name}.f32")
    torch.save(module.state_dict(), f"{folder}/{name}.again.pt")
    print(f"{name}: {sum(p.numel() for p in module.parameters())} parameters", flush=True)
