"""What the bot's heads learn from: the development half, the library, and sentences that no measured question equals."""

from core.settings import Settings
from knowledge_base.library import Library
from training.embedder.pairs import held_out_questions
from training.head_sentences import ROUTES, element_sentences, route_sentences
from training.written import SENTENCES, is_dev, read


def _bare(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def test_no_question_of_the_test_half_is_learnt():
    library = Library.load(Settings().content_dir)
    kept = {_bare(text) for text in held_out_questions()}
    of_library = {name for entry in library.entries.values() for name in (entry.name, *getattr(entry, "aliases", ()))}
    # 谢谢 and 要多少钱 stand in every collection; what the library says stands on its pages.
    found = [
        one.text
        for one in (*route_sentences(library), *element_sentences(library))
        if _bare(one.text) in kept and len(_bare(one.text)) > 6 and one.text not in of_library
    ]
    assert found == []


def test_what_the_directory_names_is_not_held_and_what_items_are_called_is():
    library = Library.load(Settings().content_dir)
    told = {one.text: one.labels for one in route_sentences(library)}
    assert told["商标注册申请"] == {"not_held": 1.0}
    assert told["养犬登记"] == {"how_to": 1.0}


def test_each_text_once_and_labels_sum_to_one():
    library = Library.load(Settings().content_dir)
    for sentences in (route_sentences(library), element_sentences(library)):
        texts = [one.text for one in sentences]
        assert len(texts) == len(set(texts))
        assert all(abs(sum(one.labels.values()) - 1) < 1e-9 for one in sentences)


def test_questions_to_items_are_of_the_development_half():
    library = Library.load(Settings().content_dir)
    assert all(is_dev(one.group) for one in element_sentences(library))


def test_written_messages_name_known_routes():
    known = {one for name in ROUTES for one in read(SENTENCES / name)}
    library = Library.load(Settings().content_dir)
    labels = {label for one in route_sentences(library) for label in one.labels}
    assert known <= labels
