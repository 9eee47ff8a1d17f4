from services.consult.bigrams import bare, bigrams


def test_pairs_go_on_across_signs():
    assert bigrams("居住 证，A") == {"居住", "住证", "证a"}
    assert bigrams("证") == {"证"}
    assert bigrams("，。") == frozenset()


def test_one_form():
    assert bare("（Ａ）１ 号") == "a1号"
