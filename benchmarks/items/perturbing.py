"""Questions as they arrive: with a typo, with a character of the same sound, in pinyin.

Comes in: a question or a name. Goes out: the same with one slip, always the same one for the same text and kind. The rules
are this benchmark's own; the search code shares none of them, but both know the readings of pypinyin, as people share a
language.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from functools import cache

from pypinyin import Style, lazy_pinyin, pinyin

SEED = "2026-11-23"
FUNCTION_CHARACTERS = frozenset(
    "的了吗呢吧啊呀我你他她它您们要想是有在不没也就都和与或个一二三几多少什么怎哪里去来到能可以会把被给让对从请问办弄下上这那还再又只很好伐啥"
)
"""What a slip in would change nothing: only the other characters are content."""
LOOK_ALIKES = (  # noqa: SIM905  # one line of groups is read more easily
    "己已巳 未末 土士 人入八 日曰目 大太犬 王玉主 干千于 天夫无 由甲申 牛午 今令 免兔 乌鸟 买卖实 贷货贺 住往佳 证征政 社杜 "
    "险检验 保堡 休体 限银很 账帐胀 户卢尸 籍藉 老考孝 准淮推 营莹管 照昭 业亚 变恋 更史吏 登凳 记纪 注往 销锁 税说悦 "
    "房户 产严 权仅 公分 金全 食良 品晶 许计讨 可司 教数 师帅 资咨贫 格洛 施拖 工土 程呈 消削 防放妨 卫卩 医区 药约 "
    "械戒 残歹 疾病 低抵 津律 贴帖 助肋 救求 结给 婚昏 离禽 收牧 养美 出击 生牛 死列 殡宾 车东 驾架 船般 港巷 通诵 "
    "申甲 请清情 查杳 复夏 补朴 换唤 领邻 发友 迁迂 移侈 落洛 学字 校佼 幼幻 儿几 企正 个介 体本 劳芳 动劝 合台 同伺"
).split()
_COMMON = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
COMMON = tuple(_COMMON) + tuple(bytes((0xD7, low)).decode("gb2312") for low in range(0xA1, 0xFA))
"""The 3,755 common characters of GB 2312, level 1."""
KINDS = ("typo", "homophone", "pinyin")

_CHINESE = re.compile(r"[一-鿿]")


def _random(kind: str, text: str) -> random.Random:
    return random.Random(hashlib.sha256(f"{SEED}\0{kind}\0{text}".encode()).digest())


def content_places(text: str) -> list[int]:
    """Where the content characters of `text` stand; every Chinese character if all are function characters."""
    chinese = [place for place, character in enumerate(text) if _CHINESE.match(character)]
    return [place for place in chinese if text[place] not in FUNCTION_CHARACTERS] or chinese


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for character in COMMON:
        groups.setdefault(lazy_pinyin(character)[0], []).append(character)
    return {sound: tuple(group) for sound, group in groups.items()}


def typo(text: str) -> str:
    """`text` with one content character replaced by one that looks alike or a random common one, dropped, doubled, or
    swapped with its neighbour."""
    chance = _random("typo", text)
    places = content_places(text)
    if not places:
        return text
    place = chance.choice(places)
    way = chance.choice(("alike", "random", "drop", "double", "swap"))
    before, character, after = text[:place], text[place], text[place + 1 :]
    if way == "drop" and len(text) > 2:
        return before + after
    if way == "double":
        return before + character * 2 + after
    if way == "swap" and after and after[0] != character:
        return before + after[0] + character + after[1:]
    alike = [other for group in LOOK_ALIKES if character in group for other in group if other != character]
    if way == "alike" and alike:
        return before + chance.choice(alike) + after
    return before + chance.choice([other for other in COMMON if other != character]) + after


def homophone(text: str) -> str:
    """`text` with one content character replaced by another common one of the same sound, tones aside."""
    chance = _random("homophone", text)
    places = content_places(text)
    chance.shuffle(places)
    readings = dict(zip(range(len(text)), lazy_pinyin(text, errors=list), strict=True))
    for place in places:
        others = [other for other in _by_sound().get(readings[place], ()) if other != text[place]]
        if others:
            return text[:place] + chance.choice(others) + text[place + 1 :]
    return text


def spelt(text: str, *, spaces: bool) -> str:
    """The Chinese characters of `text` as toneless pinyin, one word each if `spaces`; the rest as it is."""
    syllables = [group[0] for group in pinyin(text, style=Style.NORMAL, errors=lambda rest: [[rest]])]
    return (" " if spaces else "").join(syllables).strip()


def key_phrase(question: str, names: Sequence[str]) -> str:
    """The longest piece (at least 2 Chinese characters) of `question` that stands in one of `names`; else its first run of
    content characters."""
    best = ""
    for start in range(len(question)):
        for end in range(start + max(2, len(best) + 1), len(question) + 1):
            piece = question[start:end]
            if not all(_CHINESE.match(character) for character in piece):
                break
            if any(piece in name for name in names):
                best = piece
    if best:
        return best
    runs = re.findall(f"[^{''.join(FUNCTION_CHARACTERS)}\\W\\da-zA-Z]+", question)
    return max(runs, key=len) if runs else question


def in_pinyin(question: str, names: Sequence[str]) -> str:
    """In turn: the item's name (`names[0]`), its key phrase alone, or the question with its key phrase, as toneless pinyin
    with or without spaces."""
    chance = _random("pinyin", question)
    spaces = chance.random() < 0.5
    phrase = key_phrase(question, names)
    way = chance.choice(("name", "mixed"))
    if way == "name":
        return spelt(re.sub(r"[^\w]", "", names[0]), spaces=spaces)
    return question.replace(phrase, f" {spelt(phrase, spaces=spaces)} ", 1).strip()


def perturbed(kind: str, question: str, names: Sequence[str]) -> str:
    """`question` about the item with `names` (its name first), with the slip of `kind`."""
    if kind == "typo":
        return typo(question)
    if kind == "homophone":
        return homophone(question)
    return in_pinyin(question, names)
