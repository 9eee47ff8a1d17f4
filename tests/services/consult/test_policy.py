"""The policy files: a typo is found at start, with its file."""

import shutil

import pytest

from core.errors import HubError
from services.consult.policy import FOLDER, load_policy


@pytest.fixture
def folder(tmp_path):
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_the_shipped_policy_holds():
    policy = load_policy()
    assert len(policy.routes) >= 10
    assert policy.say("other_place", place="{matter}") == policy.texts.say["other_place"].replace("{place}", "{matter}")


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("routes.yaml", "status: refused", "status: refuse"),
        ("routes.yaml", "text: injection", "text: injektion"),
        ("routes.yaml", "  whole: true", "  hole: true"),
        ("routes.yaml", "  when:", "  when: ["),
        ("routes.yaml", "- 救命", "- 救命("),
        ("elements.yaml", "  phones:", "  phone:"),
        ("deciding.yaml", "close: 6.0", "close: near"),
        ("situations.yaml", "most: 3", "most: some"),
        ("texts.yaml", "hot:", "cold:"),
        ("places.yaml", "ours:", "theirs:"),
    ],
)
def test_a_typo_is_refused_by_name(folder, name, before, after):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(HubError) as caught:
        load_policy(folder)
    assert caught.value.code == "policy_invalid"
    assert name in caught.value.message


def test_a_missing_element_is_noticed(folder):
    path = folder / "elements.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    start = lines.index("  hours:\n")
    end = lines.index("  phones:\n")
    path.write_text("".join(lines[:start] + lines[end:]), encoding="utf-8")
    with pytest.raises(HubError, match="hours"):
        load_policy(folder)
