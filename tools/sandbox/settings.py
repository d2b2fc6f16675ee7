"""What the sandbox's Flyte reads at its start, sandbox/flyte.yaml and sandbox/namespaces, laid where it looks."""

import hashlib
import string
from pathlib import Path

from tools.core.errors import Stop
from tools.core.files import write
from tools.core.paths import ROOT
from tools.sandbox import kubernetes, preflight

NAMESPACE = "flytesnacks-development"
FLYTE = ROOT / "sandbox" / "flyte.yaml"
TEMPLATES = ROOT / "sandbox" / "namespaces"
OURS = "# Written by `make sandbox-up` from sandbox/flyte.yaml; `make sandbox-down` removes it."


def home() -> Path:
    """The folder that flytectl shares with the sandbox."""
    return Path.home() / ".flyte" / "sandbox"


def file() -> Path:
    return home() / "config.yaml"


def flyte_configuration(plugins: set[str]) -> str:
    """Flyte's configuration with these plugins (SPARK, RAY) and the quota that this machine allows."""
    kept = []
    for line in FLYTE.read_text(encoding="utf-8").splitlines():
        content, _, plugin = line.partition("  # with ")
        if not plugin or plugin.removesuffix("=1") in plugins:
            kept.append(content)
    cpus, memory = preflight.quota()
    text = string.Template("\n".join(kept) + "\n").substitute(QUOTA_CPU=cpus, QUOTA_MEMORY=f"{memory}M")
    # Flyte is started anew when this file has changed, so it names the content of the others.
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(TEMPLATES.glob("*.yaml")))).hexdigest()
    return f"{OURS}\n# namespaces: {digest}\n\n{text}"


def configure(plugins: set[str]) -> None:
    """Writes the configuration; raises Stop rather than replace one that somebody else has written."""
    if file().exists() and file().stat().st_size and not is_ours():
        raise Stop(f"{file()} is your own; move it away to have the lessons' settings, which sandbox/flyte.yaml lists")
    folder = home() / "cluster-resource-templates"
    folder.mkdir(parents=True, exist_ok=True)
    for template in TEMPLATES.glob("*.yaml"):
        write(folder / template.name, template.read_text(encoding="utf-8"))
    write(file(), flyte_configuration(plugins))


def is_ours() -> bool:
    return file().exists() and file().read_text(encoding="utf-8").startswith(OURS)


def unconfigure() -> None:
    """Removes what `configure` wrote."""
    if is_ours():
        for template in TEMPLATES.glob("*.yaml"):
            (home() / "cluster-resource-templates" / template.name).unlink(missing_ok=True)
        file().unlink()


def is_applied() -> bool:
    """Whether the sandbox's Flyte has been started with the configuration as it is written."""
    deployment = kubernetes.get("deployment", "flyte-sandbox", "--namespace", "flyte")
    template = deployment.get("spec", {}).get("template", {}).get("metadata", {})
    applied = template.get("annotations", {}).get("checksum/extra-configuration")
    return applied == hashlib.sha256(file().read_bytes()).hexdigest()
