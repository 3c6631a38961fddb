# Sourced by the scripts beside it: the repository's root, its virtual environment, and how to stop.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The environment's interpreter, on Windows too.
venv_python() {
  if [[ -x .venv/Scripts/python.exe ]]; then echo .venv/Scripts/python.exe; else echo .venv/bin/python; fi
}

# Makes .venv with the extras named, such as "dev".
install() {
  [[ -d .venv ]] || "${PYTHON:-python3}" -m venv .venv
  "$(venv_python)" -m pip install -q -c constraints.txt -e ".[$1]"
}

# The Nth fenced shell block under "## Quick start" of the README.
quick_start() {
  awk -v want="$1" '
    /^## / { inside = ($0 == "## Quick start") }
    inside && /^```/ { if (open) { open = 0 } else { open = 1; block++ } ; next }
    inside && open && block == want
  ' README.md
}
