#!/usr/bin/env python3
"""What the house style asks of every file and that a machine can see."""

import os
import re
import subprocess
from pathlib import PurePath

import repo

CODE = (".h", ".cc")
LINE_WIDTH = 120  # Of what clang-format does not see to; C++ has 110, lists of sources any.
FILE_LINES = 600
MARKERS = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(ho" r"me|ro" r"ot|wo" r"rk|Us" r"ers)/\w")
VAGUE_TYPE = re.compile(r"\b(?:class|struct)\s+(?:\[\[\w+\]\]\s*)?(\w*(?:Manager|Helper|Helpers|Util|Utils|Impl))\b")
VAGUE_FILE = re.compile(r"(^|_)(manager|helpers?|utils?|impl|common)\.\w+$")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def check_text(path, text):
    """Violations that the text alone shows."""
    violations = []

    def refuse(number, problem):
        violations.append(f"{path}:{number}: {problem}")

    is_code = path.endswith(CODE)
    is_ours = (is_code or path.endswith((".proto", ".py", ".cmake", "CMakeLists.txt")) or text.startswith("#!"))
    for number, line in enumerate(text.splitlines(), 1):
        if is_ours:
            if MARKERS.search(line):
                refuse(number, "has a marker of unfinished work")
            if "\t" in line:
                refuse(number, "has a tab")
            if line != line.rstrip():
                refuse(number, "ends in white space")
            if len(line) > LINE_WIDTH and not path.endswith(CODE + ("CMakeLists.txt",)):
                refuse(number, f"is wider than {LINE_WIDTH}")
        if MACHINE_PATHS.search(line) and not path.startswith("deploy/"):
            refuse(number, "names a path of somebody's machine")
        if is_code and re.match(r"\s*default:", line):
            refuse(number, "default: hides kinds that are added later; list them (or use if)")
        vague = VAGUE_TYPE.search(line.split("//")[0]) if is_code else None
        if vague:
            refuse(number, f"{vague.group(1)} does not say what it does")
    if path.endswith(".h") and "#pragma once" not in text:
        refuse(1, "lacks #pragma once")
    if path.endswith(CODE) and text.count("\n") > FILE_LINES:
        refuse(1, f"has more than {FILE_LINES} lines")
    if VAGUE_FILE.search(PurePath(path).name):
        refuse(1, "a file's name says what is in it")
    return violations


def check_links(path, text, exists):
    """Links between our documents lead somewhere."""
    text = re.sub(r"```.*?```", lambda block: "\n" * block.group().count("\n"), text, flags=re.DOTALL)
    violations = []
    for match in LINK.finditer(text):
        target = match.group(1)
        if re.match(r"\w+:", target):
            continue
        if not exists(os.path.normpath(os.path.join(os.path.dirname(path), target))):
            line = text.count("\n", 0, match.start()) + 1
            violations.append(f"{path}:{line}: leads to {target}, which is not there")
    return violations


def check_targets(sources, cmake_texts):
    """Every source is listed in the nearest CMakeLists.txt above it."""
    violations = []
    for path in sources:
        folder = PurePath(path).parent
        while str(folder / "CMakeLists.txt") not in cmake_texts and folder != folder.parent:
            folder = folder.parent
        name = str(PurePath(path).relative_to(folder))
        listing = cmake_texts.get(str(folder / "CMakeLists.txt"), "")
        # main.cc is added by souk_service(), catch_main.cc by SoukTargets.cmake.
        if name in ("main.cc", "catch_main.cc"):
            continue
        if not re.search(rf"(?<![\w/]){re.escape(name)}(?![\w.])", listing):
            violations.append(f"{path}:1: is in no target of {folder}/CMakeLists.txt")
    return violations


def check_folders(paths):
    """Every library and service explains itself."""
    folders = {"/".join(PurePath(path).parts[:2]) for path in paths
               if path.startswith(("libs/", "services/")) and path.endswith(CODE)}
    return [f"{folder}: lacks a README.md" for folder in sorted(folders) if f"{folder}/README.md" not in paths]


def check_scripts(paths):
    violations = []
    for path in paths:
        text = repo.read(path)
        if not text.startswith("#!"):
            continue
        if not os.access(repo.ROOT / path, os.X_OK) and not path.endswith(".py"):
            violations.append(f"{path}:1: is a script but not executable")
        if re.match(r"#!.*\bbash\b", text):
            parsed = subprocess.run(["bash", "-n", path], cwd=repo.ROOT, capture_output=True, text=True, check=False)
            if parsed.returncode != 0:
                violations.append(f"{path}:1: {parsed.stderr.strip()}")
    return violations


def check_packages(install_text, document, requirements="", tools=""):
    """docs/dependencies.md explains each package that tools/install installs, of Debian or of others, and no other."""
    block = re.search(r"^packages=\((.*?)^\)", install_text, re.MULTILINE | re.DOTALL)
    if block is None:
        return ["tools/install:1: has no list of packages"]
    installed = {word for line in block.group(1).splitlines() for word in line.split("#")[0].split()}
    installed |= set(re.findall(r"^([a-z0-9.-]+)==", requirements, re.MULTILINE))
    installed |= {name.replace("_", "-") for name in re.findall(r"^([a-z_]+)=\d", tools, re.MULTILINE)}
    rows = [line for line in document.splitlines() if line.startswith("|")]
    explained = {name for row in rows for name in re.findall(r"`([a-z0-9.+-]+)`", row.split("|")[1])}
    return ([f"docs/dependencies.md:1: does not explain {name}" for name in sorted(installed - explained)] +
            [f"docs/dependencies.md:1: {name} is not in tools/install" for name in sorted(explained - installed)])


def main():
    paths = repo.files()
    everything = set(paths) | {str(parent) for path in paths for parent in PurePath(path).parents}
    violations = []
    for path in paths:
        text = repo.read(path)
        violations += check_text(path, text)
        if path.endswith(".md"):
            violations += check_links(path, text, everything.__contains__)
    sources = [path for path in paths if path.endswith(".cc")]
    cmake_texts = {path: repo.read(path) for path in paths if PurePath(path).name == "CMakeLists.txt"}
    violations += check_targets(sources, cmake_texts)
    violations += check_folders(paths)
    violations += check_scripts(paths)
    violations += check_packages(repo.read("tools/install"), repo.read("docs/dependencies.md"),
                                 repo.read("tools/analytics/requirements.txt"), repo.read("tools/tool"))
    repo.finish(violations, len(paths))


if __name__ == "__main__":
    main()
