"""Images for another platform than the engine's, and for several: no command takes the wrong ones."""

import subprocess

import pytest
from repositories import needs_buildx

from tools.images import bake, build, platforms, publish
from tools.images.fingerprint import Built
from tools.lessons import catalog

HERE, OTHER = "linux/amd64", "linux/arm64"


@pytest.fixture(autouse=True)
def on_x86_64(monkeypatch):
    """An engine for x86-64 without emulation."""
    monkeypatch.setattr(platforms, "of_engine", lambda: HERE)
    monkeypatch.setattr(build, "of_engine", lambda: HERE)
    monkeypatch.setattr(platforms, "of_builder", lambda name: {HERE})


@pytest.mark.parametrize(
    ("named", "wanted"),
    [("", [HERE]), (OTHER, [OTHER]), (f"{OTHER},{HERE}", [HERE, OTHER]), (f"{OTHER},{OTHER}", [OTHER])],
)
def test_without_a_name_the_platform_is_the_engines(named, wanted, monkeypatch):
    monkeypatch.setenv("PLATFORMS", named)
    assert platforms.wanted() == wanted


@pytest.mark.parametrize("target", ["test-image", "publish"])
def test_tests_and_publishing_take_one_platform(target, monkeypatch, stopped):
    monkeypatch.setenv("PLATFORMS", OTHER)
    assert platforms.only(target) == OTHER
    monkeypatch.setenv("PLATFORMS", f"{HERE},{OTHER}")
    assert stopped(platforms.only, target) == (
        f"PLATFORMS is '{HERE},{OTHER}'; {target} takes one platform at a time: make {target} PLATFORMS={HERE}"
    )


@pytest.mark.parametrize("need", [lambda: platforms.need([HERE, OTHER]), lambda: platforms.need_run(OTHER)])
def test_missing_emulation_is_one_line_with_the_command_that_installs_it(need, stopped):
    assert stopped(need) == (
        f"{OTHER} is not the platform of Docker's engine ({HERE}), and the engine does not emulate it; install the "
        "emulation: docker run --privileged --rm tonistiigi/binfmt --install arm64 "
        "(Debian, Ubuntu: sudo apt install qemu-user-static binfmt-support)"
    )


def test_a_platform_that_is_emulated_is_let_through(monkeypatch):
    monkeypatch.setattr(platforms, "of_builder", lambda name: {HERE, OTHER})
    platforms.need([HERE, OTHER])
    platforms.need_run(OTHER)


def test_a_build_without_emulation_stops_before_bake(monkeypatch, stopped):
    monkeypatch.setenv("PLATFORMS", OTHER)
    monkeypatch.setattr(bake, "bake_command", lambda targets: pytest.fail("bake was called"))
    assert stopped(bake.bake, ["base"]).startswith(f"{OTHER} is not the platform of ")


@pytest.mark.parametrize(("named", "target"), [("", ""), (HERE, ""), (OTHER, f" for {OTHER}")])
def test_an_image_for_another_platform_is_named_as_such(named, target, monkeypatch, capsys):
    monkeypatch.setenv("PLATFORMS", named)
    monkeypatch.setattr(build, "layers_of", lambda reference: {("5000000", "today", reference)})
    build.tell_built([catalog.find("flyte-basics")])
    first, _ = capsys.readouterr().out.splitlines()
    assert first == f"built {build.references(catalog.find('flyte-basics'))['default']}{target}: 5 MB"


def test_images_for_several_platforms_are_not_taken_for_those_in_the_engine(monkeypatch, capsys):
    monkeypatch.setenv("PLATFORMS", f"{OTHER},{HERE}")
    monkeypatch.setattr(build, "layers_of", lambda reference: pytest.fail("asked for an image of the engine"))
    build.tell_built([catalog.find("flyte-basics")])
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(f" for {HERE} and {OTHER}")
    assert second.startswith("The images are in the cache of the builder, not in Docker's engine.")
    assert second.endswith(f"PLATFORMS={HERE}")


@pytest.mark.parametrize(
    ("named", "there", "words"),
    [
        (
            "",
            OTHER,
            ": make publish PROJECT=sql PLATFORMS=linux/arm64; otherwise first: make test-image PROJECT=sql",
        ),
        (
            OTHER,
            HERE,
            " PROJECT=sql PLATFORMS=linux/amd64; otherwise first: make test-image PROJECT=sql PLATFORMS=linux/arm64",
        ),
    ],
)
def test_an_image_for_another_platform_is_not_published(named, there, words, monkeypatch, stopped):
    monkeypatch.setenv("PLATFORMS", named)
    monkeypatch.setenv("PROJECT", "sql")
    monkeypatch.setattr(publish, "names", lambda: ["sql"])
    monkeypatch.setattr(publish, "built", lambda image: Built("1" * 64, there))
    line = stopped(publish.need_built, platforms.only("publish"), False)
    assert line.startswith(f"built for {there}, not for {named or HERE}: ")
    assert line.endswith(words)


def test_a_tag_that_is_published_for_another_platform_is_refused(monkeypatch, stopped):
    image = {"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"diff_ids": []}}
    found = {"manifest": {"digest": "sha256:1"}, "image": image}
    monkeypatch.setattr(publish.registry, "inspect", lambda reference: found)
    line = stopped(publish.need_free, {"registry.example/base:1": "1" * 64}, OTHER)
    assert line.startswith(f"published already for {HERE}, not for {OTHER}: registry.example/base:1@sha256:1; ")


@needs_buildx
def test_what_a_builder_says_is_understood(monkeypatch):
    monkeypatch.undo()
    if subprocess.run(["docker", "info"], capture_output=True).returncode:
        pytest.skip("no engine answers")
    assert platforms.of_engine() in platforms.of_builder(platforms.output_of("docker", "context", "show"))
    platforms.need_run(platforms.of_engine())
