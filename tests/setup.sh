#!/usr/bin/env bash
# Make the virtual environment: tests/setup.sh .venv
# Finds Python 3.11-3.13; says in one line what to install where it cannot.
set -euo pipefail
venv=$1
if [ ! -x "$venv/bin/python" ]; then
  python=""
  for name in python3.11 python3.12 python3.13 python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      python=$name
      break
    fi
  done
  if [ -z "$python" ]; then
    echo "make setup: Python 3.11, 3.12 or 3.13 with its venv module is needed: apt-get install python3 python3-venv" >&2
    exit 2
  fi
  echo "making $venv with $("$python" --version)"
  "$python" -m venv "$venv"
fi
if ! command -v c++ >/dev/null || ! "$venv/bin/python" -c \
  'import pathlib, sys, sysconfig; sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file())'; then
  echo "make setup: pdqhash is compiled, which needs a C++ compiler and Python's headers: apt-get install g++ python3-dev" >&2
  exit 2
fi
# uv installs in a quarter of pip's time, and does not read how pip is configured: that goes into its variables, where they are not set.
configured() { # KEY OF PIP, VARIABLE, SEPARATOR OF ITS VALUES
  local value
  value=$("$venv/bin/python" -c 'import ast, sys
found = {}
for line in sys.stdin:
    name, _, value = line.partition("=")
    section, _, key = name.rpartition(".")
    if key == sys.argv[1]:
        found[section] = ast.literal_eval(value)
first = next((found[one] for one in (":env:", "install", "global") if one in found), "")
print(sys.argv[2].join(first.split()))' "$1" "${3:- }" <<<"$settings")
  [ -z "$value" ] || [ -n "${!2:-}" ] || export "$2=$value"
}
install() {
  local uv settings
  uv=$(sed -n 's/^  "\(uv[^"]*\)".*/\1/p' pyproject.toml)
  "$venv/bin/python" -m pip install --no-input --disable-pip-version-check -q "$uv" || return
  settings=$("$venv/bin/python" -m pip config list) || return
  configured index-url UV_DEFAULT_INDEX
  configured extra-index-url UV_INDEX
  configured find-links UV_FIND_LINKS ,
  configured no-index UV_NO_INDEX
  configured constraint UV_CONSTRAINT
  configured trusted-host UV_INSECURE_HOST
  configured cert SSL_CERT_FILE
  configured proxy ALL_PROXY
  # As with pip, the newest release of all indexes is taken, not that of the first index which has one.
  "$venv/bin/uv" pip install --python "$venv/bin/python" --index-strategy unsafe-best-match -q -e ".[dev]"
}
echo "installing (about 2 GB, a minute or two)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! install >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  echo "make setup: the installation failed (last lines above); check the network or the package index, then run it again" >&2
  exit 2
fi
if ! ls /usr/share/tesseract-ocr/*/tessdata/Arabic.traineddata /usr/share/tesseract-ocr/*/tessdata/vie.traineddata >/dev/null 2>&1; then
  echo "pictures in Arabic script and Vietnamese are read once you apt-get install tesseract-ocr-script-arab tesseract-ocr-vie"
fi
touch "$venv/installed"
