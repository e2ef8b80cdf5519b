"""A section of a model card is written anew without touching those around it."""

from genloss.model.training.card_sections import with_section

CARD = "# genloss\n\nA model.\n\n## Side by side\n\nold words\n\n## Memory on damage\n\nkept words\n"


def test_a_section_is_replaced_in_its_place():
    found = with_section(CARD, "## Side by side", "\nnew words\n")
    assert found == CARD.replace("old words", "new words")


def test_a_new_section_comes_last():
    assert with_section(CARD, "## Licence", "free") == f"{CARD}\n## Licence\n\nfree\n"
