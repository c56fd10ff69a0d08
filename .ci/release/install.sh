#!/bin/sh
# Install guanjia from this folder: needs Python 3.11 or newer, and no network. Options: sh install.sh --help
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
for python in "${PYTHON:-}" python3.14 python3.13 python3.12 python3.11 python3 python; do
  [ -n "$python" ] && command -v "$python" >/dev/null 2>&1 || continue
  "$python" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' >/dev/null 2>&1 || continue
  exec "$python" -X utf8 "$here/install.py" "$@"
done
echo "没有找到 Python 3.11 至 3.14，没有安装任何内容。请先安装，或指定：PYTHON=/路径/python3 sh install.sh" >&2
echo "No Python 3.11 to 3.14 was found; nothing was installed. Install one, or name it: PYTHON=/path/to/python3 sh install.sh" >&2
exit 1
