"""Frame times of our page: 1,000 clips scrolled, 200 jobs with progress, beside the idle page.

The real front end, wired as a user has it, on the tests' small host; each busy figure stands beside
that of the same page at rest in the same run, and their ratio. Then what the page loads of ours.

    pip install -e '.[dev]'    # and Chromium
    python tools/bench/page.py
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from loading import load  # noqa: E402
from playwright.sync_api import Page  # noqa: E402

driver = load("browser/driver.py")
front_end = load("frontend/host.py")
steps = load("frontend/steps.py")

# Frames of the page for some seconds while something is done in each or in the background.
FRAMES = """async ([seconds, kind, amount]) => {
  const view = [...document.querySelectorAll('.wl-sidebar-view *')].find(
    (each) => each.scrollHeight > each.clientHeight + 50
      && /auto|scroll/.test(getComputedStyle(each).overflowY));
  let direction = 1, step = 0;
  const say = () => { step += 1; window.app.api.dispatchEvent(new CustomEvent('progress', {
    detail: { prompt_id: amount, node: '11', value: step, max: 100000 } })); };
  const timer = kind === 'progress' ? setInterval(say, 50) : 0;
  const times = [];
  await new Promise((done) => {
    let last = 0, begin = 0;
    const frame = (now) => {
      if (last) times.push(now - last); else begin = now;
      last = now;
      if (kind === 'scroll') {
        if (view.scrollTop + view.clientHeight >= view.scrollHeight - 1) direction = -1;
        if (view.scrollTop <= 0) direction = 1;
        view.scrollTop += direction * amount;
      }
      if (now - begin < seconds * 1000) requestAnimationFrame(frame); else done();
    };
    requestAnimationFrame(frame);
  });
  clearInterval(timer);
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const elements = document.querySelectorAll('.wl-sidebar *').length;
  return { p50: at(0.5), p95: at(0.95), max: at(1), elements };
}"""

FINISHED = """async ([count, clip]) => {
  const { newJob } = await import('/extensions/wanderlens/lib/activity/job.mjs');
  const now = Date.now();
  for (let index = 0; index < count; index += 1) {
    const ended = now - (index + 1) * 60000;
    const job = newJob({ id: `finished-${index}`, kind: 'convert', title: `Take ${index}`,
      created: ended - 90000, started: ended - 60000, ended, state: 'finished', clip });
    localStorage.setItem(`wanderlens.job.${job.id}`, JSON.stringify({ version: 1, ...job }));
  }
}"""

LOADED = """() => {
  const ours = performance.getEntriesByType('resource').filter(
    ({ name }) => name.includes('/extensions/wanderlens/'));
  const end = Math.max(...ours.map(({ responseEnd }) => responseEnd));
  const start = Math.min(...ours.map(({ startTime }) => startTime));
  return { files: ours.length, bytes: ours.reduce((sum, each) => sum + each.decodedBodySize, 0),
    milliseconds: end - start };
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, driver.chromium() as browser:
        base = Path(folder)
        for name, content in driver.USER_FILES.items():
            file = base / "user" / "default" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        with front_end.FrontendHost(base) as host:
            shutil.copy(ROOT / "wanderlens" / "assets" / "example.png", host.input_dir)
            clip = first_clip(host)
            for index in range(options.clips - 1):
                shutil.copy(clip, clip.with_name(f"wanderlens_{index + 2:05}_.mp4"))
            page = browser.new_page(viewport={"width": 1600, "height": 1000}, locale="en-US")
            page.set_default_timeout(120_000)
            driver.open_front_end(page, host.url)
            loaded = page.evaluate(LOADED)
            print(f"{'':34}p50 ms  p95 ms  max ms   p95 / at rest   elements")
            clips(page, options)
            jobs(page, host, options)
            print(
                f"\nloaded with the page: {loaded['files']} files of ours, "
                f"{loaded['bytes'] / 1000:.0f} kB, in {loaded['milliseconds']:.0f} ms"
            )


def clips(page: Page, options: argparse.Namespace) -> None:
    """The gallery, at rest and scrolled."""
    steps.open_clips(page)
    page.get_by_role("gridcell").nth(3).wait_for()
    page.wait_for_timeout(3000)
    rest = shown(f"{options.clips} clips, at rest", page, options.seconds, "rest", 0, None)
    for pixels in (12, 60, 300):
        name = f"{options.clips} clips, {pixels} px a frame"
        shown(name, page, options.seconds, "scroll", pixels, rest)


def jobs(page: Page, host: Any, options: argparse.Namespace) -> None:
    """The jobs, at rest, with progress at 20 Hz, and scrolled."""
    clip = {"filename": "wanderlens_00001_.mp4", "subfolder": "video", "type": "output"}
    host.hold("low noise")
    client = page.evaluate("() => window.app.api.clientId")
    ids = [queue(host, client) for _ in range(10)]
    page.evaluate(FINISHED, [options.jobs - len(ids), clip])
    driver.open_front_end(page, host.url)
    steps.open_activity(page)
    steps.row(page, "running").wait_for()
    page.wait_for_timeout(3000)
    count = page.locator("li.wl-job").count()
    rest = shown(f"{count} jobs, at rest", page, options.seconds, "rest", 0, None)
    shown(f"{count} jobs, progress at 20 Hz", page, options.seconds, "progress", ids[0], rest)
    shown(f"{count} jobs, 60 px a frame", page, options.seconds, "scroll", 60, rest)


def first_clip(host: Any) -> Path:
    """A clip as the host writes it."""
    prompt_id = queue(host, uuid.uuid4().hex)
    while not host.get_json(f"/history/{prompt_id}"):
        time.sleep(0.1)
    (file,) = host.output_dir.rglob("*.mp4")
    return file


def queue(host: Any, client: str) -> str:
    """Queues the bundled workflow; gives the prompt's id."""
    file = ROOT / "workflows" / "api" / "Image to video A14B.json"
    body = {"prompt": json.loads(file.read_text(encoding="utf-8")), "client_id": client}
    request = urllib.request.Request(
        f"{host.url}/prompt", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["prompt_id"]


def shown(
    name: str, page: Page, seconds: float, kind: str, amount: object, rest: float | None
) -> float:
    """Prints a row; gives its 95th percentile."""
    found = page.evaluate(FRAMES, [seconds, kind, amount])
    ratio = "" if rest is None else f"{found['p95'] / rest:.2f}"
    print(
        f"{name:34}{found['p50']:6.1f}  {found['p95']:6.1f}  {found['max']:6.1f}   {ratio:>13}"
        f"   {found['elements']:8}",
        flush=True,
    )
    return found["p95"]


if __name__ == "__main__":
    main()
