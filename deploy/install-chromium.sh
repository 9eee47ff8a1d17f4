#!/bin/sh
# The browser tests drive Debian's chromium; the paper tests draw Chinese with Noto CJK. Neither is needed to serve.
set -eu
if ! command -v apt-get > /dev/null; then
  echo "浏览器测试需要 chromium,请先安装。" >&2
  exit 1
fi
run() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
run apt-get update -q
run apt-get install -y -q --no-install-recommends chromium fonts-noto-cjk
