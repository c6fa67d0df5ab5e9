"""What the checks of the repository share: its files, and how violations are told."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED_FOLDERS = {".git", "build", "data", "__pycache__", "node_modules"}


def files():
    """Paths, relative to the root and sorted, of all files that are or could be committed."""
    listed = _listed_by_git()
    if listed is None:
        listed = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            listed += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    return sorted(path for path in listed if (ROOT / path).is_file())


def _listed_by_git():
    if not (ROOT / ".git").exists():
        return None
    try:
        listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                 cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return sorted(set(listing.stdout.decode().split("\0")) - {""})


def read(path):
    """The text of a file; what is no UTF-8 (a picture) reads as empty."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def finish(violations, checked):
    """Prints what is wrong, or how much was right, and ends the process."""
    for violation in violations:
        print(violation)
    if violations:
        sys.exit(f"{len(violations)} violations")
    if checked == 0:
        sys.exit("nothing was checked")
    print(f"{checked} files are fine")
