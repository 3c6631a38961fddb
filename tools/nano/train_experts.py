"""Trains the nano model's two experts.

    python tools/nano/train_experts.py LATENTS HELD_OUT_LATENTS RUN --stage base --minutes 40
    python tools/nano/train_experts.py LATENTS HELD_OUT_LATENTS RUN --stage high --minutes 15
    python tools/nano/train_experts.py LATENTS HELD_OUT_LATENTS RUN --stage low --minutes 20

Rectified flow with shift 5. The base learns all noise levels; each expert starts from it and
learns its own side of the boundary, as Wan 2.2's experts did from Wan 2.1's model. Stages go
on where they stopped. RUN/<stage>.safetensors holds the averaged weights.
"""

from __future__ import annotations

import argparse
import json
import random
from functools import lru_cache
from pathlib import Path

import clips
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from training import Average, Run, half_precision, has_bfloat16
from wan_dit import WanDit, pack_texts

from wanderlens.direction import Brief, compose, vocabulary
from wanderlens.nano.text import encode_words, words_of

#: Two such experts in eight bits and the VAE have 20 MB.
WIDTH, INNER, DEPTH = 256, 448, 6
SHIFT, BOUNDARY = 5.0, 0.9
#: Latent patches of one training step, over all its clips.
STEP_TOKENS = 10 * 180
#: With --focus, judged moves of this height alone, of 17 frames and more.
FOCUS_HEIGHT = 96
#: Share of captions left out; half of them become the negative prompt, which so is "no caption".
DROPPED = 0.12
#: How much likelier a group of judged moves is drawn.
JUDGED_WEIGHT = 2
#: How often a clip's second set of known frames is taken, where it has one.
SECOND_SET = 0.4
#: Noise levels in the middle of equal parts of each stage's range, for the validation loss.
STAGES = {"base": (0.0, 1.0), "high": (BOUNDARY, 1.0), "low": (0.0, BOUNDARY)}


class Latents:
    """Draws batches out of the encoded clips that are there, whole groups at a time.

    The clips of a group show the same picture under different moves. Next to each other, and
    under the same noise, they differ by what the captions say alone, which is what is to be learnt.
    """

    def __init__(self, folder: Path, rng: random.Random, focus: bool = False) -> None:
        self.folder, self.rng, self.focus = folder, rng, focus
        self.items: dict[str, dict] = {}
        self.shapes: dict[tuple[int, ...], dict[int, list[dict]]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Takes in the files that came since."""
        for file in sorted(self.folder.glob("*.pt")):
            if file.stem in self.items:
                continue
            item = torch.load(file, weights_only=True)
            clip = item["clip"] = clips.Clip(**json.loads(item["clip"]))
            if self.focus and not (
                clip.move in clips.JUDGED and clip.height == FOCUS_HEIGHT and clip.frames >= 17
            ):
                continue
            self.items[file.stem] = item
            item["group"] = int(file.stem) // clips.GROUP
            groups = self.shapes.setdefault(tuple(item["latents"].shape), {})
            groups.setdefault(item["group"], []).append(item)

    def draw(self) -> list[dict]:
        """Clips of one shape, `STEP_TOKENS` in all."""
        weights = [
            JUDGED_WEIGHT if item["clip"].move in clips.JUDGED else 1
            for item in self.items.values()
        ]
        first = self.rng.choices(list(self.items.values()), weights)[0]
        shape = tuple(first["latents"].shape)
        count = max(2, round(STEP_TOKENS / (shape[1] * shape[2] * shape[3] // 4)))
        groups = list(self.shapes[shape].values())
        weights = [
            JUDGED_WEIGHT if group[0]["clip"].move in clips.JUDGED else 1 for group in groups
        ]
        drawn: list[dict] = []
        while len(drawn) < count:
            drawn += self.rng.choices(groups, weights)[0]
        return drawn[:count]


def noise_for(items: list[dict]) -> Tensor:
    """Noise for a batch, the same for all clips of a group: [b, 16, t, h, w]."""
    shape = items[0]["latents"].shape
    by_group = {item["group"]: torch.randn(shape) for item in items}
    return torch.stack([by_group[item["group"]] for item in items])


@lru_cache(maxsize=8192)
def _encoded(caption: str) -> Tensor:
    return encode_words(words_of(caption))


def negatives() -> list[str]:
    """Negative prompts of several looks."""
    looks = ("none", *vocabulary().looks)
    return [compose(Brief(camera=c, look=k)).negative for k in looks for c in ("push in", "static")]


def shifted(u: Tensor) -> Tensor:
    """Wan's shift of evenly spread noise levels."""
    return SHIFT * u / (1 + (SHIFT - 1) * u)


def evenly(sigma: float) -> float:
    """The reverse of `shifted`."""
    return sigma / (SHIFT - (SHIFT - 1) * sigma)


def batch_loss(
    model: WanDit, items: list[dict], captions: list[str], u: Tensor, rng: random.Random,
    noise: Tensor,
) -> Tensor:  # fmt: skip
    """Mean squared error of the predicted velocity.

    Args:
        model: An expert.
        items: Clips of one shape.
        captions: One per clip.
        u: [b], noise levels before the shift.
        rng: Chooses the known frames.
        noise: [b, 16, t, h, w].
    """
    clean = torch.stack([item["latents"] for item in items]).float()
    known = []
    for item in items:
        sets = list(item["known"].values())
        known.append(sets[-1 if rng.random() < SECOND_SET else 0])
    sigma = shifted(u)
    level = sigma.view(-1, 1, 1, 1, 1)
    noisy = (1 - level) * clean + level * noise
    x = torch.cat([noisy, torch.stack(known).float()], dim=1)
    text = pack_texts([_encoded(caption) for caption in captions])
    with half_precision():
        made = model(x, sigma, text)
    return (made - (noise - clean)).square().mean()


@torch.no_grad()
def judge(model: WanDit, average: Average, held_out: Latents, stage: str) -> dict[str, float]:
    """The validation loss of the averaged weights; with shuffled captions it must be higher."""
    own = {name: value.detach().clone() for name, value in model.named_parameters()}
    model.load_state_dict(average.weights, strict=False)
    low, high = (evenly(level) for level in STAGES[stage])
    items = list(held_out.items.values())
    items.sort(key=lambda item: item["latents"].shape)
    sums = {"loss": 0.0, "shuffled": 0.0}
    random.Random(3).shuffle(items)
    for index, item in enumerate(items):
        generator = torch.Generator().manual_seed(index)
        shape = (4, *item["latents"].shape)
        noise = torch.randn(shape, generator=generator)
        u = low + (high - low) * (torch.arange(4) + 0.5) / 4
        caption, other = (items[i % len(items)]["clip"].caption for i in (index, index + 1))
        for name, text in (("loss", caption), ("shuffled", other)):
            loss = batch_loss(model, [item] * 4, [text] * 4, u, random.Random(0), noise)
            sums[name] += loss.item() / len(items)
    model.load_state_dict(own, strict=False)
    return sums


def narrowed(weights: dict[str, Tensor], inner: int) -> dict[str, Tensor]:
    """An expert's weights with the least used units of the feed-forward layers left out.

    Args:
        weights: In float32.
        inner: Units to keep of each layer.
    """
    made = dict(weights)
    for name in [name for name in weights if name.endswith("ffn.0.weight")]:
        stem = name.removesuffix("0.weight")
        into, out = weights[f"{stem}0.weight"], weights[f"{stem}2.weight"]
        kept = (into.norm(dim=1) * out.norm(dim=0)).topk(inner).indices.sort().values
        made[f"{stem}0.weight"] = into[kept].contiguous()
        made[f"{stem}0.bias"] = weights[f"{stem}0.bias"][kept].contiguous()
        made[f"{stem}2.weight"] = out[:, kept].contiguous()
    return made


class Optimizers:
    """Muon for the matrices inside the blocks, AdamW for everything else.

    Muon works in bfloat16; where the CPU does not compute in that it would take most of the time,
    and AdamW does everything, at half the rate.
    """

    def __init__(self, model: nn.Module, rate: float) -> None:
        inner = []
        if has_bfloat16():
            inner = [
                p for n, p in model.named_parameters() if n.startswith("blocks") and p.ndim == 2
            ]
        else:
            rate /= 2
        ids = {id(p) for p in inner}
        other = [p for p in model.parameters() if id(p) not in ids]
        self.rates: dict[torch.optim.Optimizer, float] = {
            torch.optim.AdamW(other, lr=rate, betas=(0.9, 0.98), weight_decay=0.0): rate
        }
        if inner:
            muon = torch.optim.Muon(inner, lr=rate * 5, weight_decay=0.01, adjust_lr_fn="original")
            self.rates[muon] = rate * 5

    def step(self, factor: float) -> None:
        """One step of each at a share of its rate; the gradients are cleared."""
        for optimizer, rate in self.rates.items():
            optimizer.param_groups[0]["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad()

    def state_dict(self) -> dict:
        return {type(each).__name__: each.state_dict() for each in self.rates}

    def load_state_dict(self, state: dict) -> None:
        for each in self.rates:
            each.load_state_dict(state[type(each).__name__])


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the experts.")
    for name in ("latents", "held_out_latents", "run"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--stage", choices=tuple(STAGES), required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--floor", type=float, default=0.03, help="rate at the end, as a share")
    parser.add_argument("--start", type=Path, help="weights to start from; experts: the base's")
    parser.add_argument(
        "--focus", action="store_true", help="to finish with: judged moves at the usual sizes alone"
    )
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    arguments.run.mkdir(parents=True, exist_ok=True)
    model = WanDit(WIDTH, INNER, DEPTH)
    source = arguments.start
    if source is None and arguments.stage != "base":
        source = arguments.run / "base.safetensors"
    if source:
        start = {name: value.float() for name, value in load_file(source).items()}
        model.load_state_dict(narrowed(start, INNER))
    average = Average(model, 0.99)
    optimizers = Optimizers(model, arguments.rate)
    run = Run(
        arguments.run / f"{arguments.stage}.pt", arguments.minutes,
        model=model, average=average, optimizers=optimizers,
    )  # fmt: skip
    rng = random.Random(run.step)
    torch.manual_seed(run.step)
    feed = Latents(arguments.latents, rng, arguments.focus)
    held_out = Latents(arguments.held_out_latents, rng, arguments.focus)
    no_captions = ["", *negatives()]
    low, high = (evenly(level) for level in STAGES[arguments.stage])
    recent = 0.0
    while run.progress < 1:
        if run.step % 50 == 0:
            feed.refresh()
        items = feed.draw()
        captions = [item["clip"].caption for item in items]
        for index in range(len(captions)):
            if rng.random() < DROPPED:
                captions[index] = "" if rng.random() < 0.5 else rng.choice(no_captions)
        # Noise levels spread over the whole range in every batch.
        u = low + (high - low) * (torch.randperm(len(items)) + torch.rand(len(items))) / len(items)
        loss = batch_loss(model, items, captions, u, rng, noise_for(items))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizers.step(run.rate(40, arguments.floor))
        average.update(model)
        run.step += 1
        recent = loss.item() if run.step == 1 else 0.95 * recent + 0.05 * loss.item()
        if run.step % 25 == 0:
            print(
                f"{run.step} {run.seconds / 60:.1f} min loss {recent:.4f} clips {len(feed.items)}",
                flush=True,
            )
        if run.step % 250 == 0:
            print("held out:", judge(model, average, held_out, arguments.stage), flush=True)
            run.save()
    print("held out:", judge(model, average, held_out, arguments.stage), flush=True)
    run.save()
    weights = {name: value.contiguous() for name, value in average.weights.items()}
    save_file(weights, arguments.run / f"{arguments.stage}.safetensors")


if __name__ == "__main__":
    main()
