"""Trains the nano model's Wan 2.1 VAE.

    python tools/nano/train_vae.py PHOTOS CLIPS HELD_OUT_CLIPS RUN --minutes 30 [--start FILE]

Clips of 9 to 49 frames and pictures of several sizes are mixed, because the causal memory is long:
a VAE that has seen only short clips falls apart on longer ones. At the end the latents are brought
to Wan's published mean and deviation per channel, which goes into the 1x1 convolutions, and
RUN/vae.safetensors is written in ComfyUI's layout.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import clips
import cv2
import numpy as np
import photos
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from training import Run, half_precision, psnr, to_video
from wan_vae import LATENT_MEAN, LATENT_STD, WanVae, denormalise, normalise

#: Pixels of one training step, over all its frames.
STEP_PIXELS = 33 * 64 * 64
#: Deviation of the noise on the normalised latents, which makes the decoder tolerant.
LATENT_NOISE = 0.04
PICTURE_SHARE = 0.2
CROPS = (48, 64, 64, 96)


class Feed:
    """Draws training batches out of the photos and whatever clips are there."""

    def __init__(self, pictures: dict[str, np.ndarray], folder: Path, rng: random.Random) -> None:
        self.pictures, self.folder, self.rng = list(pictures.values()), folder, rng
        self.files: list[Path] = []

    def draw(self) -> Tensor:
        """[b, 3, t, h, w], -1 to 1, of about `STEP_PIXELS` pixels."""
        if self.rng.random() < PICTURE_SHARE:
            side = self.rng.choice(CROPS)
            made = [
                clips.crop(self.rng.choice(self.pictures), side, side, self.rng, least=0.15)[None]
                for _ in range(STEP_PIXELS // 3 // side**2)
            ]
            return torch.cat([to_video(picture) for picture in made])
        if self.rng.random() < 0.02 or not self.files:
            self.files = sorted(self.folder.glob("*.npz"))
        batch: list[Tensor] = []
        frames = side = 0
        while not batch or len(batch) * frames * side**2 < STEP_PIXELS * 0.8:
            _, video = clips.load(self.rng.choice(self.files))
            if not batch:
                frames = video.shape[0]
                side = min(self.rng.choice(CROPS), *video.shape[1:3])
            if video.shape[0] < frames or min(video.shape[1:3]) < side:
                continue
            # A part that starts later is a clip like any other.
            start = self.rng.randint(0, video.shape[0] - frames)
            top, left = (self.rng.randint(0, length - side) for length in video.shape[1:3])
            part = video[start : start + frames, top : top + side, left : left + side]
            batch.append(to_video(np.ascontiguousarray(part)))
        return torch.cat(batch)


def loss_of(model: WanVae, video: Tensor, freeze_encoder: bool) -> Tensor:
    """Absolute and squared error, and a weak pull of the latents to deviation 1."""
    with half_precision():
        with torch.set_grad_enabled(not freeze_encoder):
            latents = normalise(model.encode(video).float())
        noisy = latents + LATENT_NOISE * torch.randn_like(latents)
        made = model.decode(denormalise(noisy)).float()
    error = made - video
    return error.abs().mean() + 2 * error.square().mean() + 1e-4 * latents.square().mean()


@torch.no_grad()
def judge(model: WanVae, pictures: list[Tensor], videos: list[Tensor]) -> dict[str, float]:
    """Mean PSNR on held-out pictures and clips, and that of the clips' last eight frames."""
    with half_precision():
        stills = [psnr(model.decode(model.encode(x)).float(), x) for x in pictures]
        made = [(model.decode(model.encode(x)).float(), x) for x in videos]
    moving = [psnr(a, b) for a, b in made]
    ends = [psnr(a[:, :, -8:], b[:, :, -8:]) for a, b in made]
    means = {"pictures": stills, "clips": moving, "last frames": ends}
    return {name: sum(values) / len(values) for name, values in means.items()}


@torch.no_grad()
def fold(model: WanVae, videos: list[Tensor]) -> None:
    """Brings the latents to Wan's mean and deviation, without changing what is decoded."""
    latents = torch.cat([model.encode(x).flatten(2) for x in videos], dim=2)[0].double()
    target_mean, target_std = (torch.tensor(t).double() for t in (LATENT_MEAN, LATENT_STD))
    factor = target_std / latents.std(dim=1)
    offset = target_mean - latents.mean(dim=1) * factor
    out, back = model.conv1, model.conv2
    assert out.bias is not None
    assert back.bias is not None
    # New latents are factor * old + offset; the decoder's first layer undoes that.
    back.bias += (back.weight[..., 0, 0, 0].double() @ (-offset / factor)).float()
    back.weight /= factor.float().view(1, -1, 1, 1, 1)
    channels = len(factor)
    out.weight[:channels] *= factor.float().view(-1, 1, 1, 1, 1)
    out.bias[:channels] = (out.bias[:channels].double() * factor + offset).float()


def held_out_pictures(folder: Path) -> list[Tensor]:
    """The middle of each held-out photo at 128 × 96, as [1, 3, 1, 96, 128]."""
    found = []
    for _, photo in sorted(photos.load(folder, "held out").items()):
        rows, columns = photo.shape[:2]
        unit = min(columns // 4, rows // 3)
        top, left = (rows - unit * 3) // 2, (columns - unit * 4) // 2
        part = photo[top : top + unit * 3, left : left + unit * 4]
        found.append(to_video(cv2.resize(part, (128, 96), interpolation=cv2.INTER_AREA)[None]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the VAE.")
    for name in ("photos", "clips", "held_out_clips", "run"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--start", type=Path, help="weights to start from, in ComfyUI's layout")
    parser.add_argument("--freeze-encoder", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    arguments.run.mkdir(parents=True, exist_ok=True)
    model = WanVae()
    if arguments.start:
        model.load_state_dict({k: v.float() for k, v in load_file(arguments.start).items()})
    trained = model.decoder if arguments.freeze_encoder else model
    optimizer = torch.optim.AdamW(trained.parameters(), arguments.rate, (0.9, 0.99), 1e-8, 0.0)
    run = Run(arguments.run / "vae.pt", arguments.minutes, model=model, optimizer=optimizer)
    rng = random.Random(run.step)
    feed = Feed(photos.load(arguments.photos, "train"), arguments.clips, rng)
    pictures = held_out_pictures(arguments.photos)
    videos = [to_video(clips.load(f)[1]) for f in sorted(arguments.held_out_clips.glob("*.npz"))]
    videos = [x for x in videos if x.shape[2] >= 25][:6]
    print("held out:", judge(model, pictures, videos), flush=True)
    while run.progress < 1:
        for group in optimizer.param_groups:
            group["lr"] = arguments.rate * run.rate(50)
        optimizer.zero_grad()
        loss = loss_of(model, feed.draw(), arguments.freeze_encoder)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        run.step += 1
        if run.step % 20 == 0:
            print(f"{run.step} {run.seconds / 60:.1f} min loss {loss.item():.4f}", flush=True)
        if run.step % 150 == 0:
            print("held out:", judge(model, pictures, videos), flush=True)
            run.save()
    run.save()
    if not arguments.freeze_encoder:
        files = random.Random(0).sample(sorted(arguments.clips.glob("*.npz")), 24)
        fold(model, [to_video(clips.load(f)[1]) for f in files])
    print("final, held out:", judge(model, pictures, videos), flush=True)
    weights = {name: value.half().contiguous() for name, value in model.state_dict().items()}
    save_file(weights, arguments.run / "vae.safetensors")


if __name__ == "__main__":
    main()
