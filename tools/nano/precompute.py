"""Encodes the clips once, so that the experts are trained on latents alone.

    python tools/nano/precompute.py CLIPS LATENTS --vae RUN/vae.safetensors

For each clip: its latents, and the conditioning of Wan 2.2 for one or two sets of known frames
(the encoded clip with grey in place of the unknown frames, and the mask). Nearly every clip
has the first frame known; many have a second set with more frames at the start (5, 9, 13), with
frames at the end (1, 4, 8), or with both. `train_experts.py` may run at the same time on what is
already there.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import asdict
from pathlib import Path

import clips
import torch
from safetensors.torch import load_file
from torch import Tensor
from training import half_precision, to_video
from wan_vae import WanVae, normalise

from wanderlens.shot import KnownFrames, mask_channels

#: Known frames at the start and end, and how often each is the second set of a clip.
SECOND_SETS = {
    (5, 0): 20, (9, 0): 12, (13, 0): 8, (1, 1): 30, (1, 4): 6, (5, 1): 8, (5, 4): 10, (9, 8): 4,
    (13, 4): 2,
}  # fmt: skip
SECOND_SHARE = 0.4
#: Grey frames after known ones are all encoded alike from here on; the rest is repeated.
SETTLED = 16


def second_set(clip: clips.Clip, rng: random.Random) -> tuple[int, int] | None:
    """Known frames at the start and end of a clip's second set; None for no second set."""
    if clip.loop:
        head, tail = (1, 1) if rng.random() < 0.7 else (5, 4)
    elif rng.random() < SECOND_SHARE:
        head, tail = rng.choices(tuple(SECOND_SETS), tuple(SECOND_SETS.values()))[0]
    else:
        return None
    return (head, tail) if head + tail <= clip.frames - 4 else (1, 1)


def encode_known(model: WanVae, video: Tensor, head: int, tail: int) -> Tensor:
    """The conditioning of a clip, [20, t, h, w]: 4 mask channels and 16 normalised latents.

    Args:
        model: The VAE.
        video: [1, 3, 4n+1, height, width], -1 to 1.
        head: Known frames at the start.
        tail: Known frames at the end.
    """
    frames = video.shape[2]
    known = torch.zeros_like(video)  # 0 is grey
    known[:, :, :head] = video[:, :, :head]
    if tail:
        known[:, :, -tail:] = video[:, :, -tail:]
    else:
        known = known[:, :, : min(frames, head + SETTLED)]
    latents = normalise(model.encode(known).float())
    missing = (frames - known.shape[2]) // 4
    latents = torch.cat([latents, latents[:, :, -1:].expand(-1, -1, missing, -1, -1)], dim=2)
    mask = torch.tensor(mask_channels(frames, KnownFrames(head, tail)), dtype=torch.float32)
    mask = mask.T[None, :, :, None, None].expand(-1, -1, -1, *latents.shape[-2:])
    return torch.cat([mask, latents], dim=1)[0]


@torch.no_grad()
def encode_clip(model: WanVae, file: Path) -> dict[str, object]:
    """What is stored of one clip."""
    clip, frames = clips.load(file)
    video = to_video(frames)
    with half_precision():
        sets = [(1, 0)]
        second = second_set(clip, random.Random(file.stem))
        if second is not None:
            sets.append(second)
        return {
            "clip": json.dumps(asdict(clip)),
            "latents": normalise(model.encode(video).float())[0].half(),
            "known": {k: encode_known(model, video, *k).half() for k in sets},
        }


def main() -> None:
    parser = argparse.ArgumentParser(description="Encodes the clips.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("latents", type=Path)
    parser.add_argument("--vae", type=Path, required=True, help="weights in ComfyUI's layout")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--part", type=int, default=0, help="of --parts processes, this one")
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--most", type=int, default=33 * 160 * 96, help="most pixels of a clip")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = WanVae()
    model.load_state_dict({k: v.float() for k, v in load_file(arguments.vae).items()})
    model.requires_grad_(False)
    arguments.latents.mkdir(parents=True, exist_ok=True)
    for file in sorted(arguments.clips.glob("*.npz"))[arguments.part :: arguments.parts]:
        target = arguments.latents / f"{file.stem}.pt"
        if target.exists():
            continue
        clip, _ = clips.load(file)
        if clip.frames * clip.width * clip.height > arguments.most:
            continue
        torch.save(encode_clip(model, file), target.with_suffix(".part"))
        target.with_suffix(".part").rename(target)
        if int(file.stem) % 100 == 0:
            print(file.stem, flush=True)


if __name__ == "__main__":
    main()
