"""What the test run needs beside Python packages: a browser, PostgreSQL, Pango. Installs what it may, else says how.

Run by ``make test`` before pytest. On Debian and Ubuntu as root (a CI machine) missing packages are installed;
elsewhere the command to type is printed, and the tests that need the missing program skip visibly.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDS = {
    "chromium-headless-shell": "the browser tests; another Chromium will do, with twice the work",
    "postgresql": "the PostgreSQL half of the storage contract",
    "libpango-1.0-0 libpangoft2-1.0-0": "PDF documents",
    "fonts-dejavu-core": "PDF documents",
}
# Chromium without windows first: the same engine and the same rules for cookies, and a page costs half as much.
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Path of a Chromium or Chrome, if there is one."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def postgres_bin() -> Path | None:
    """Folder of PostgreSQL's server programs (newest version), if there is one."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    if debian:
        return debian[-1].parent
    return Path(on_path).parent if on_path else None


def pango() -> bool:
    """True when Pango's shared library can be loaded."""
    found = subprocess.run(
        [sys.executable, "-c", "import weasyprint"],
        capture_output=True,
        check=False,
    )
    return found.returncode == 0


def missing() -> list[str]:
    """Debian packages that are missing."""
    have = {
        "chromium-headless-shell": shutil.which(_BROWSERS[0]) is not None,
        "postgresql": postgres_bin() is not None,
        "libpango-1.0-0 libpangoft2-1.0-0": pango(),
        "fonts-dejavu-core": bool(shutil.which("fc-list")) or Path("/usr/share/fonts").exists(),
    }
    return [name for name, here in have.items() if not here]


def main() -> None:
    """Install or explain."""
    wanted = missing()
    if not wanted:
        return
    packages = " ".join(wanted).split()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        for package in packages:  # one by one: a package that this release does not have keeps no other one away
            command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
            subprocess.run(command, check=False, env=environment)
    for name in missing():
        sys.stderr.write(f"missing: {name} ({NEEDS[name]}); on Debian or Ubuntu: sudo apt-get install {name}\n")


if __name__ == "__main__":
    main()
