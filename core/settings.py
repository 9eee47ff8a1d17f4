"""All settings of the hub, from the environment and one file.

Read once at start: environment variables `KAOPU_<NAME>` win over `kaopu.toml` (in the project's root, or the path in
`KAOPU_CONFIG`), which wins over the defaults here. `docs/operations.md` lists every one; a test holds the two together.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import psutil
from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

ROOT = Path(__file__).resolve().parent.parent
"""The project's root: the folder with registry.yaml and serve.py."""


def _core_count() -> int:
    """Cores that this process may use (containers and taskset included)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _worker_count() -> int:
    """As many as there are cores, but no more than four (further ones take memory for papers that are rarely there), and one for
    every 2 GB of memory."""
    return max(1, min(_core_count(), 4, psutil.virtual_memory().total >> 31))


class Settings(BaseSettings):
    """Every setting, with its unit and default. Unknown keys in the file are refused, so a typo is seen."""

    model_config = SettingsConfigDict(env_prefix="KAOPU_", extra="forbid", frozen=True)

    # where
    var_dir: Annotated[Path, Field(description="可写目录：数据库、模型文件、上传件、管理员密钥")] = ROOT / "var"
    artifacts_dir: Annotated[Path | None, Field(description="模型文件目录；默认 <var_dir>/artifacts")] = None
    registry_file: Annotated[Path, Field(description="AI服务目录清单")] = ROOT / "registry.yaml"
    content_dir: Annotated[Path, Field(description="办事指南 YAML 目录")] = ROOT / "knowledge_base" / "content"
    portal_dir: Annotated[Path, Field(description="编译好的网页目录")] = ROOT / "portal" / "dist"

    # serving
    host: Annotated[str, Field(description="监听地址")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="监听端口")] = 8000
    trusted_proxies: Annotated[
        str,
        Field(description="可信反向代理地址(逗号分隔)；只有来自这些地址的 X-Forwarded-For、X-Forwarded-Proto 才作数"),
    ] = "127.0.0.1"
    public_url: Annotated[
        str,
        Field(
            pattern=r"^(https?://[^/?#\s]+(/[^?#\s]*)?)?$",
            description="中枢对外的网址(如 https://hub.example.gov.cn)，回答里的链接以它开头；空着就按来访者用的网址",
        ),
    ] = ""
    embed_origins: Annotated[
        str, Field(description="可嵌入咨询组件的网站(逗号分隔的来源，如 https://www.example.gov.cn)；默认一个也没有")
    ] = ""
    mcp_hosts: Annotated[
        str,
        Field(
            description="访问 /mcp 可用的主机名(逗号分隔，如 hub.example.gov.cn)；本机、监听地址和 public_url 里的总是可用"
        ),
    ] = ""
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$", description="日志级别")] = "info"
    log_format: Annotated[str, Field(pattern="^(json|console)$", description="日志格式")] = "json"

    # data
    database_url: Annotated[
        str | None, Field(description="SQLAlchemy 数据库地址；默认 <var_dir>/hub.sqlite3，生产用 postgresql+psycopg://")
    ] = None

    # uploaded papers
    document_key: Annotated[
        SecretStr,
        Field(
            description="加密上传文件的密钥(32 字节的 base64)，多个以逗号分隔，第一个用来加密；空着就用 <var_dir>/document.key"
        ),
    ] = SecretStr("")

    # submissions
    webhook_private: Annotated[bool, Field(description="webhook 可以指向内部地址、可以不加密；只在内网互联时打开")] = (
        False
    )

    # models
    threads: Annotated[int, Field(ge=1, le=256, description="每个模型的推理线程数；不要超过核数")] = Field(
        default_factory=_core_count
    )
    queue_items: Annotated[int, Field(ge=1, description="每个模型排队条目上限；超出立即 429")] = 512
    document_workers: Annotated[
        int,
        Field(
            ge=0,
            le=64,
            description="识读材料的工作进程数，每个约占 1 GB 内存；0 即在主进程里识读。默认等于核数，至多 4",
        ),
    ] = Field(default_factory=_worker_count)
    preload: Annotated[
        str, Field(description="启动时装载的模型(逗号分隔)；默认 registry.yaml 里 preload: true 的全部")
    ] = ""

    # limits of one request
    max_body_bytes: Annotated[int, Field(ge=1024, description="单个请求体上限(字节)")] = 32 * 1024 * 1024
    max_inputs: Annotated[int, Field(ge=1, description="一次调用的条目上限")] = 256
    max_input_characters: Annotated[int, Field(ge=1, description="单条文本上限(字)")] = 32_768
    max_image_pixels: Annotated[int, Field(ge=1, description="单页图像像素上限")] = 50_000_000
    max_pdf_pages: Annotated[int, Field(ge=1, description="单个 PDF 页数上限")] = 50
    document_queue: Annotated[int, Field(ge=1, description="等待识读的文件上限")] = 200
    max_message_characters: Annotated[int, Field(ge=1, description="一条咨询的字数上限")] = 2_000

    # how long
    checklist_days: Annotated[int, Field(ge=1, le=3650, description="一次告知单保存的天数，之后链接失效")] = 180

    # a language model that may word answers anew; none is asked unless its address is set
    language_model_url: Annotated[
        str,
        Field(
            pattern="^(https?://.+)?$",
            description="大模型接口地址(OpenAI 兼容，如 http://127.0.0.1:8001/v1)；空着就不用大模型",
        ),
    ] = ""
    language_model_name: Annotated[str, Field(description="大模型名称")] = ""
    language_model_key: Annotated[SecretStr, Field(description="大模型接口密钥；不写入日志")] = SecretStr("")
    language_model_mode: Annotated[
        str, Field(pattern="^(rephrase|answer)$", description="rephrase 改写拼好的答复；answer 按所引原文作答")
    ] = "rephrase"
    language_model_seconds: Annotated[float, Field(gt=0, le=30, description="等大模型的最长时间(秒)")] = 4.0
    language_model_tokens: Annotated[int, Field(ge=16, le=8192, description="大模型一次最多写多少 token")] = 1024

    # limits of callers: requests per period, in the notation of the `limits` package
    anonymous_limit: Annotated[str, Field(description="匿名来访者每个地址的限额")] = "120/minute"
    key_limit: Annotated[str, Field(description="每个密钥的默认限额")] = "6000/minute"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments (tests), then environment, then the file."""
        config = Path(os.environ.get("KAOPU_CONFIG", ROOT / "kaopu.toml"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config)

    @property
    def artifacts(self) -> Path:
        """Folder that holds one folder per built artifact."""
        return self.artifacts_dir or self.var_dir / "artifacts"

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{(self.var_dir / 'hub.sqlite3').as_posix()}"

    @property
    def admin_key_file(self) -> Path:
        """Where the first start leaves the admin's key (mode 0600)."""
        return self.var_dir / "admin.key"

    @property
    def document_key_file(self) -> Path:
        """Where the first start leaves the key of uploaded papers (mode 0600), unless `document_key` is set."""
        return self.var_dir / "document.key"
