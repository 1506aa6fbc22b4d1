"""Words that the terminal, editors and agents are told alike."""

import pytest

from soa.wording import plural, visible


@pytest.mark.parametrize(("count", "said"), [(0, "0 tests"), (1, "1 test"), (2, "2 tests"), (1234, "1,234 tests")])
def test_one_is_singular(count, said):
    assert plural(count, "test") == said


def test_what_a_model_wrote_cannot_steer_a_terminal():
    assert visible("a\x1b[2Jb\r\tc\né") == "a\\x1b[2Jb\\x0d\tc\né"


def test_what_turns_the_direction_of_text_is_seen():
    assert visible("a\u202eb") == "a\\u202eb"
