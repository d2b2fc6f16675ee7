"""`make check-pages`: opens the pages and decks of all runs, and the site, in a headless browser.

Nothing may fail or be fetched.

Chromium reports both: what a page says on its console, and a log of its network. How it words them is not
promised, so it is first shown a page with known faults.

If axe is there (.ci/axe fetches it; AXE names another file), it checks the newest run's page of each lesson for readers
who use a keyboard or a screen reader, in light and dark. Decks are their authors'.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.core.errors import Stop
from tools.core.paths import OUT, STATE
from tools.lessons import catalog
from tools.site.build import PLACE as SITE

# The headless shell first: a page in it takes a third of the processor time.
BROWSERS = (
    *("chromium-headless-shell", "chrome-headless-shell"),
    *("chromium", "chromium-browser", "google-chrome", "chrome"),
    *(f"/Applications/{name}.app/Contents/MacOS/{name}" for name in ("Chromium", "Google Chrome")),
)
OPTIONS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=10000", "--dump-dom"),
    "--enable-logging=stderr",
)
SECONDS = 120

# What the tabs of a deck hold is drawn when they are opened.
EVERY_TAB = """<script>
document.querySelectorAll("#flyte-frame-tabs li").forEach((tab, n) => setTimeout(() => tab.click(), 100 * n))
</script>"""
# The pages of runs let no script run; axe is one, so that the copy that is opened lets those in the page run.
NO_SCRIPT, SCRIPT = "default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';"
AXE_RUN = """<script>
document.querySelectorAll("details").forEach(part => part.open = true)
axe.run().then(found => {
  found.violations.forEach(rule => console.error(
    `axe: ${rule.id}: ${rule.help}: ${rule.nodes.length} times, as in ${rule.nodes[0].html.slice(0, 200)}`))
  console.info("axe: done")
})
</script>"""
DONE = "axe: done"
SCHEMES = {"light": (), "dark": ("--blink-settings=preferredColorScheme=0",)}
FAULTY = "<!doctype html><img src='http://known.example/image'><script>throw new Error('known')</script>"
CONSOLE = re.compile(r"CONSOLE[:(]\d+\)?\] (.*)")
# A deck that asks for something from elsewhere is refused, which is no fault: see runner/records/offline.py.
OF_POLICY = "Content Security Policy"
# Whom the log names as the one that asked for something: a page, or the browser itself.
OF_BROWSER = "not an origin"


def browser() -> str:
    """The program that CHROMIUM names, or the first one that is found."""
    named = os.environ.get("CHROMIUM")
    for name in [named] if named else BROWSERS:
        if found := shutil.which(name):
            return found
    if named:
        raise Stop(f"CHROMIUM={named!r} is not a program; name the browser's: CHROMIUM=/usr/bin/chromium")
    raise Stop("no Chromium or Chrome is on PATH; install one (apt install chromium), or name it: CHROMIUM=…")


def axe() -> Path | None:
    """The file of axe; None if it was not fetched."""
    named = os.environ.get("AXE")
    file = Path(named) if named else STATE / "axe" / "axe.min.js"
    if named and not file.is_file():
        raise Stop(f"AXE={named!r} is not a file; name axe.min.js, or leave AXE out")
    return file if file.is_file() else None


def faults(program: str, page: Path, checker: Path | None = None) -> list[str]:
    """What a page says on the console and what it asks the network for, every tab of it opened once.

    With `checker`, the file of axe, also what that finds on the page of a run.
    """
    text = page.read_text(encoding="utf-8")
    if checker is None or NO_SCRIPT not in text:
        return opened(program, page, text + EVERY_TAB)
    text = text.replace(NO_SCRIPT, SCRIPT, 1) + f"<script>{checker.read_text(encoding='utf-8')}</script>{AXE_RUN}"
    found = []
    for scheme, options in SCHEMES.items():
        told = opened(program, page, text, options)
        found += [f"{fault} ({scheme})" for fault in told if DONE not in fault]
        found += [] if any(DONE in fault for fault in told) else [f"axe did not come to its end ({scheme})"]
    return found


def opened(program: str, page: Path, text: str, options: Sequence[str] = ()) -> list[str]:
    """What a page with this text in the place of another says and asks for."""
    with tempfile.TemporaryDirectory(prefix="page-") as own:
        # Beside the page, so that what it refers to is where it expects it.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=page.parent, prefix=".open-", suffix=".html"
        ) as shown:
            shown.write(text)
            shown.flush()
            log, address = Path(own) / "network.json", Path(shown.name).as_uri()
            command = [program, *OPTIONS, *options, f"--user-data-dir={own}/profile", f"--log-net-log={log}"]
            command += ["--no-sandbox"] if os.geteuid() == 0 else []
            try:
                ended = subprocess.run(
                    [*command, address], capture_output=True, text=True, errors="replace", timeout=SECONDS
                )
            except subprocess.TimeoutExpired:
                return [f"it is not drawn after {SECONDS} s"]
        said = CONSOLE.findall(ended.stderr.replace(f", source: {address}", ""))
        said = [words for words in said if OF_POLICY not in words]
        return [f"console: {words}" for words in said] + [f"asks for {url}" for url in asked(log)]


def asked(log: Path) -> list[str]:
    """The addresses that a page asked for, from Chromium's network log."""
    try:
        content = json.loads(log.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError) as error:
        raise Stop(
            f"the browser wrote no network log that can be read ({error}); choose another browser: CHROMIUM=…"
        ) from None
    start = content["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    requests = (event["params"] for event in content["events"] if event["type"] == start and "params" in event)
    return [facts["url"] for facts in requests if facts.get("initiator", OF_BROWSER) != OF_BROWSER]


def need_sight(program: str) -> None:
    """Raises Stop unless the browser reports the faults of a page that has some."""
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        page = Path(folder) / "faulty.html"
        page.write_text(FAULTY, encoding="utf-8")
        told = " ".join(faults(program, page))
    if "known.example" not in told or "Error: known" not in told:
        raise Stop(f"{program} does not report a page's faults in a known way; choose another browser: CHROMIUM=…")


def pages() -> list[Path]:
    """The pages and decks of the runs under out/, and the pages of the site; with PROJECT, of one lesson's runs."""
    name = os.environ.get("PROJECT")
    root = OUT / catalog.find(name).name if name else OUT
    every = [page for pattern in ("index.html", "deck.html") for page in root.rglob(pattern)]
    # The site holds copies of runs that are there already.
    every = [page for page in every if SITE not in page.parents]
    every += [] if name else [page for part in ("*", "docs/*", "projects/*/*") for page in SITE.glob(f"{part}.html")]
    if not every:
        raise Stop(f"{root} holds no pages; make some: make run PROJECT=flyte-decks")
    return sorted(every)


def check_pages() -> int:
    """Opens every page; exit status 1 when one has a fault."""
    program, every, checker = browser(), pages(), axe()
    need_sight(program)
    # All pages of runs are made alike: axe checks the newest one of each lesson.
    newest = {page.parents[1]: page for page in every if page.name == "index.html"}.values()
    failed = 0
    with ThreadPoolExecutor(4 * (os.cpu_count() or 1)) as pool:  # a browser waits most of the time
        found_in = pool.map(lambda page: faults(program, page, checker if page in newest else None), every)
        for page, found in zip(every, found_in, strict=True):
            failed += bool(found)
            for fault in dict.fromkeys(found):
                print(f"{page.relative_to(OUT)}: {fault}", flush=True)
    by = "" if checker else ", without axe (.ci/axe fetches it)"
    print(f"check-pages: {len(every)} pages and decks opened{by}, {failed} with faults")
    return int(failed > 0)
