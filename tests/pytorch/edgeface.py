"""EdgeFace in PyTorch, written from the facts in ../../docs/engine.md: layers and names are those of the official checkpoints (prefix "model.")."""
import math

import torch
from torch import nn
from torch.nn import functional as F

KERNELS, SCALES, FOURIER_STAGE, FOURIER, EMBEDDING, EPSILON = (3, 5, 7, 9), (2, 2, 3, 4), 1, 32, 512, 1e-6

# Channels, blocks, heads, rank ratio of LoRaLin.
VARIANTS = {
    "edgeface_base": ((80, 160, 288, 584), (3, 3, 9, 3), 8, None),
    "edgeface_s_gamma_05": ((48, 96, 160, 304), (3, 3, 9, 3), 8, 0.5),
    "edgeface_xs_gamma_06": ((32, 64, 100, 192), (3, 3, 9, 3), 4, 0.6),
    "edgeface_xs_q": ((32, 64, 100, 192), (3, 3, 9, 3), 4, None),
    "edgeface_xxs": ((24, 48, 88, 168), (2, 2, 6, 2), 4, None),
    "edgeface_xxs_q": ((24, 48, 88, 168), (2, 2, 6, 2), 4, None),
}


class LoRaLin(nn.Module):
    def __init__(self, inputs, outputs, gamma):
        super().__init__()
        rank = max(2, int(gamma * min(inputs, outputs)))
        self.linear1 = nn.Linear(inputs, rank, bias=False)
        self.linear2 = nn.Linear(rank, outputs)

    def forward(self, x):
        return self.linear2(self.linear1(x))


def linear(inputs, outputs, gamma):
    return nn.Linear(inputs, outputs) if gamma is None else LoRaLin(inputs, outputs, gamma)


class ChannelNorm(nn.LayerNorm):
    """LayerNorm over the channels of (images, channels, height, width)."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Mlp(nn.Module):
    def __init__(self, channels, gamma):
        super().__init__()
        self.fc1 = linear(channels, 4 * channels, gamma)
        self.fc2 = linear(4 * channels, channels, gamma)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class ConvBlock(nn.Module):
    def __init__(self, channels, kernel, gamma):
        super().__init__()
        self.conv_dw = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=EPSILON)
        self.mlp = Mlp(channels, gamma)
        self.gamma = nn.Parameter(1e-6 * torch.ones(channels))

    def forward(self, x):
        y = self.norm(self.conv_dw(x).permute(0, 2, 3, 1))
        return x + (self.gamma * self.mlp(y)).permute(0, 3, 1, 2)


class PositionProjection(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.token_projection = nn.Conv2d(2 * FOURIER, channels, 1)

    def forward(self, height, width):
        i = torch.arange(FOURIER, dtype=torch.float32)
        frequency = 10000 ** (2 * torch.div(i, 2, rounding_mode="floor") / FOURIER)

        def features(count):
            at = torch.arange(1, count + 1, dtype=torch.float32) / (count + 1e-6) * 2 * math.pi / frequency[:, None]
            return torch.where(i[:, None] % 2 == 0, at.sin(), at.cos())

        y = features(height)[:, :, None].expand(-1, -1, width)
        x = features(width)[:, None, :].expand(-1, height, -1)
        return self.token_projection(torch.cat((y, x)).unsqueeze(0))


class Attention(nn.Module):
    def __init__(self, channels, heads, gamma):
        super().__init__()
        self.heads = heads
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv = linear(channels, 3 * channels, gamma)
        self.proj = linear(channels, channels, gamma)

    def forward(self, x):
        images, tokens, channels = x.shape
        q, k, v = self.qkv(x).reshape(images, tokens, 3, self.heads, channels // self.heads).permute(2, 0, 3, 4, 1)
        q, k = F.normalize(q, dim=-1), F.normalize(k, dim=-1)
        weights = (q @ k.transpose(-2, -1) * self.temperature).softmax(-1)
        return self.proj((weights @ v).permute(0, 3, 1, 2).reshape(images, tokens, channels))


class SplitTransposeBlock(nn.Module):
    def __init__(self, stage, channels, heads, gamma):
        super().__init__()
        self.scales = SCALES[stage]
        width = math.ceil(channels / self.scales)
        self.convs = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1, groups=width) for _ in range(self.scales - 1))
        self.pos_embd = PositionProjection(channels) if stage == FOURIER_STAGE else None
        self.norm_xca = nn.LayerNorm(channels, eps=EPSILON)
        self.gamma_xca = nn.Parameter(1e-6 * torch.ones(channels))
        self.xca = Attention(channels, heads, gamma)
        self.norm = nn.LayerNorm(channels, eps=EPSILON)
        self.mlp = Mlp(channels, gamma)
        self.gamma = nn.Parameter(1e-6 * torch.ones(channels))

    def forward(self, x):
        parts = list(x.chunk(self.scales, 1))
        for i, conv in enumerate(self.convs):
            parts[i] = conv(parts[i] if i == 0 else parts[i - 1] + parts[i])
        y = torch.cat(parts, 1)
        images, channels, height, width = y.shape
        if self.pos_embd is not None:
            y = y + self.pos_embd(height, width)
        y = y.flatten(2).transpose(1, 2)
        y = y + self.gamma_xca * self.xca(self.norm_xca(y))
        y = self.gamma * self.mlp(self.norm(y))
        return x + y.transpose(1, 2).reshape(x.shape)


class Stage(nn.Module):
    def __init__(self, stage, dims, depth, heads, gamma):
        super().__init__()
        channels = dims[stage]
        if stage > 0:
            self.downsample = nn.Sequential(ChannelNorm(dims[stage - 1], eps=EPSILON), nn.Conv2d(dims[stage - 1], channels, 2, stride=2))
        self.blocks = nn.Sequential(*(
            SplitTransposeBlock(stage, channels, heads, gamma) if stage > 0 and block == depth - 1 else ConvBlock(channels, KERNELS[stage], gamma)
            for block in range(depth)))

    def forward(self, x):
        return self.blocks(self.downsample(x) if hasattr(self, "downsample") else x)


class Head(nn.Module):
    def __init__(self, channels, gamma):
        super().__init__()
        self.norm = nn.LayerNorm(channels, eps=EPSILON)
        self.fc = linear(channels, EMBEDDING, gamma)

    def forward(self, x):
        return self.fc(self.norm(x.mean((2, 3))))


class EdgeNeXt(nn.Module):
    def __init__(self, dims, depths, heads, gamma, plain_head):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, dims[0], 4, stride=4), ChannelNorm(dims[0], eps=EPSILON))
        self.stages = nn.Sequential(*(Stage(s, dims, depths[s], heads, gamma) for s in range(4)))
        self.head = Head(dims[3], None if plain_head else gamma)

    def forward(self, x):
        return self.head(self.stages(self.stem(x)))


class EdgeFace(nn.Module):
    """Raw embeddings (images, 512) of crops (images, 3, 112, 112) within -1 and 1, RGB."""

    def __init__(self, variant, gamma=None, plain_head=False):
        super().__init__()
        dims, depths, heads, ratio = VARIANTS[variant]
        self.model = EdgeNeXt(dims, depths, heads, gamma if gamma is not None else ratio, plain_head)

    def forward(self, crops):
        return self.model(crops)


def inputs(crops):
    """What the network takes of bytes (images, 112, 112, 3)."""
    return crops.permute(0, 3, 1, 2).float() / 127.5 - 1
