import pytest

from knowledge_base.library import Library
from services.consult.consultation import Draft, Quoted, Said
from services.consult.verification import verify

SECTION = "public-venue-hygiene-cancel/fee@1"


@pytest.fixture(scope="module")
def section(library: Library):
    return library.section(SECTION)


def quoted(section, **changed) -> Quoted:
    facts = {
        "section_id": section.id,
        "item_name": section.item_name,
        "element": section.element.value,
        "text": section.text,
    }
    return Quoted(**facts | changed)


def test_what_holds_stays(library, section):
    draft = Draft("answered", (Said("如下。"), quoted(section)))
    assert verify(draft, library) == (draft, 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "本事项收费 100 元。"},
        {"section_id": "public-venue-hygiene-cancel/fee@9"},
        {"section_id": "nothing/fee@1"},
        {"item_name": "居住证申领"},
        {"element": "materials"},
    ],
)
def test_what_does_not_hold_is_dropped_and_counted(library, section, changed):
    draft = Draft("answered", (Said("如下。"), quoted(section, **changed), quoted(section)))
    verified, dropped = verify(draft, library)
    assert dropped == 1
    assert verified.parts == (Said("如下。"), quoted(section))


def test_nothing_left_is_not_an_answer(library, section):
    verified, dropped = verify(Draft("answered", (quoted(section, text="编的。"),)), library)
    assert (verified.status, verified.parts, dropped) == ("not_found", (), 1)
    assert verified.unanswered


@pytest.mark.parametrize("status", ["refused", "not_found", "handed_over", "clarify"])
def test_a_refusal_quotes_nothing(library, section, status):
    verified, dropped = verify(Draft(status, (Said("不能。"), quoted(section))), library)
    assert dropped == 1
    assert not any(isinstance(part, Quoted) for part in verified.parts)
