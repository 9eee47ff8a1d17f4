"""How much of a question is about an item at all: the raw measure by which a caller can say "not found".

Fused scores compare the documents of one question with each other; they say nothing about whether any of them fits.
Coverage does: the share of the question's own words that stand in an item's name or in what people call it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

from knowledge_base.index.words import bigrams

# Pairs that a question about anything may hold: they name no item. Data, but too small for a file of its own.
QUESTION_WORDS = (
    "请问 你好 您好 怎么 怎样 如何 什么 哪些 哪里 哪儿 哪个 多少 多久 几天 几年 几趟 几次 需要 要不 不要 要什 要哪 要带 要准 "
    "可以 能不 不能 能办 办理 办吗 怎办 么办 办什 要办 去办 去哪 在哪 里办 么弄 材料 资料 准备 提交 带什 时间 时候 费用 收费 "
    "收钱 要钱 多长 电话 地址 地点 流程 步骤 条件 申请 我要 我想 想要 我们 我的 一个 一下 一家 有没 没有 是不 不是 还要 还能 "
    "吗 呢 的 了 吧 啊 要 办 能 我 想 是 有"
)
_IGNORED = frozenset(QUESTION_WORDS.split())


def content_bigrams(text: str) -> list[str]:
    """The bigrams of a question that can name something."""
    return [bigram for bigram in bigrams(text) if bigram not in _IGNORED]


def _pairs(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(bigram for name in names for bigram in bigrams(name))


class NameCoverage:
    """Coverage of a question by each item's names.

    Args:
        names: for each item its name and aliases.
        like: the coverage of an earlier state; names that stand there are not cut into pairs again.
    """

    def __init__(self, names: Sequence[Sequence[str]], like: NameCoverage | None = None) -> None:
        groups = [tuple(group) for group in names]
        known = like._by_names if like else {}
        self._by_names: dict[tuple[str, ...], frozenset[str]] = {}
        for group in groups:
            if group not in self._by_names:
                pairs = known.get(group)
                self._by_names[group] = _pairs(group) if pairs is None else pairs
        self._bigrams = [self._by_names[group] for group in groups]
        count = max(1, len(self._bigrams))
        frequency = Counter(bigram for group in self._bigrams for bigram in group)
        self._weights = {bigram: log(1 + count / number) for bigram, number in frequency.items()}
        # A pair that stands in no name counts like the rarest: it is what makes a question foreign.
        self._unknown = log(1 + count)

    def share(self, question: str, item: int) -> float:
        """The weighted share (0..1) of the question's content bigrams in the names of item number `item`; 0 if the
        question has none."""
        wanted = content_bigrams(question)
        total = sum(self._weights.get(bigram, self._unknown) for bigram in wanted)
        if total == 0:
            return 0.0
        named = self._bigrams[item]
        return sum(self._weights.get(bigram, self._unknown) for bigram in wanted if bigram in named) / total
