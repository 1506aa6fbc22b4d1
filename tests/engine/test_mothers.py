"""A mother, her skeleton, and what becomes of it."""

from __future__ import annotations

from soa.contracts import Status

WORDS = '''
    def longest(text):
        """The longest word of a text, the first of several; '' if there is none.

        >>> longest("a bb cc")
        'bb'
        >>> longest("")
        ''
        """
'''

SKELETON = '''
        === skeleton a.py::longest
        ```python
        def longest(text):
            return _first_longest(_words(text))


        def _words(text: str) -> list[str]:
            """The words of a text.

            >>> _words("a b")
            ['a', 'b']
            """


        def _first_longest(words: list[str]) -> str:
            """The first of the longest words, '' if there are none.

            >>> _first_longest(["a", "bb", "cc"])
            'bb'
            >>> _first_longest([])
            ''
            """
        ```
'''

CHILDREN = """
        === write a.py::_words
        def _words(text):
            return text.split()
        === write a.py::_first_longest
        def _first_longest(words):
            return max(words, key=len, default="")
"""


def test_a_mother_has_her_helpers_implemented_and_the_whole_verified(bench, run):
    bench.file("a.py", WORDS)
    (proposal,) = run(SKELETON + CHILDREN, "a.py", size_limit=0, depth=1).proposals
    assert proposal.status is Status.VERIFIED
    assert [h.name for h in proposal.candidate.helpers] == ["_words", "_first_longest"]
    assert all("return" in h.source for h in proposal.candidate.helpers)
    assert (proposal.tree.count, proposal.tree.deepest, proposal.tree.role) == (3, 1, "mother")


def test_decompose_stops_after_the_skeleton(bench, run):
    bench.file("a.py", WORDS)
    (proposal,) = run(SKELETON, "a.py", decompose=True).proposals
    assert proposal.skeleton
    assert proposal.writable
    assert not any("return" in h.source for h in proposal.candidate.helpers)


def test_a_skeleton_is_refused_with_a_reason(bench, run):
    bench.file("a.py", WORDS + '\n\n    def _words(text):\n        """Words."""\n        return []\n')
    renamed = '''
        === skeleton a.py::longest
        def longest(text):
            return _all(text)

        def _all(text):
            """All of it."""
        === skeleton a.py::longest
        def longest(text):
            return _first(text)

        def _first(text):
            """First."""

        def _unused(text):
            """Unused."""
        === skeleton a.py::longest
        def longest(text):
            return _first(_words(text))

        def _first(words):
            """First."""

        def _words(text):
            """Other words."""
        === skeleton a.py::longest
        def longest(text):
            return max(text.split(), key=len, default="")
    '''
    (proposal,) = run(renamed, "a.py", size_limit=0, depth=1).proposals
    assert proposal.status is Status.VERIFIED
    reasons = [e.text for e in bench.events if e.kind == "refused"]
    assert ["under another name" in reasons[0], "never called" in reasons[1], "exists" in reasons[2]] == [True] * 3


def test_what_she_saw_goes_down_to_the_part_it_concerns(bench, run):
    bench.file("a.py", WORDS)
    skeleton = SKELETON.replace(
        """
            >>> _first_longest(["a", "bb", "cc"])
            'bb'
            >>> _first_longest([])
            ''
""",
        "",
    )
    replies = (
        skeleton
        + """
        === write a.py::_words
        def _words(text):
            return text.split()
        === write a.py::_first_longest
        def _first_longest(words):
            return max(reversed(words), key=len, default="")
        === feedback a.py::longest
        _first_longest: gives the last of several; it must give the first, "bb".
        === repair a.py::_first_longest
        def _first_longest(words):
            return max(words, key=len, default="")
    """
    )
    (proposal,) = run(replies, "a.py", size_limit=0, depth=1).proposals
    assert proposal.status is Status.VERIFIED
    assert "repair _words" not in bench.steps()
    assert bench.steps()[-2:] == ["feedback longest", "repair _first_longest"]


def test_a_mother_below_a_mother(bench, run):
    bench.file("a.py", WORDS)
    deeper = '''
        === skeleton a.py::_words
        def _words(text):
            return _without_empty(_parts(text))

        def _parts(text):
            """The parts of a text between single spaces.

            >>> _parts("a  b")
            ['a', '', 'b']
            """

        def _without_empty(parts):
            """The parts that are not empty.

            >>> _without_empty(["a", ""])
            ['a']
            """
        === skeleton a.py::_first_longest
        def _first_longest(words):
            return max(words, key=len, default="")
        === write a.py::_parts
        def _parts(text):
            return text.split(" ")
        === write a.py::_without_empty
        def _without_empty(parts):
            return [p for p in parts if p]
    '''
    (proposal,) = run(SKELETON + deeper, "a.py", size_limit=0, depth=2).proposals
    assert proposal.status is Status.VERIFIED
    assert (proposal.tree.count, proposal.tree.deepest) == (5, 2)
    assert {h.name for h in proposal.candidate.helpers} == {"_words", "_first_longest", "_parts", "_without_empty"}


def test_a_child_that_failed_is_followed_by_a_mother(bench, run):
    bench.file("a.py", WORDS)
    failing = """
        === write a.py::longest
        def longest(text):
            return text
        === repair a.py::longest
        def longest(text):
            return text
    """
    (proposal,) = run(failing + SKELETON + CHILDREN, "a.py", depth=1).proposals
    assert proposal.status is Status.VERIFIED
    assert proposal.tree.role == "mother"
    assert [c.role for c in proposal.tree.children] == ["child"] * 3


def test_helpers_of_a_method(bench, run):
    bench.file(
        "a.py",
        '''
        class Box:
            def __init__(self, items):
                self.items = items

            def total(self) -> int:
                """Sum of the doubled items.

                >>> Box([1, 2]).total()
                6
                """
        ''',
    )
    replies = '''
        === skeleton a.py::Box.total
        ```python
        def total(self) -> int:
            return _sum(self._doubled())


        def _doubled(self) -> list[int]:
            """Each item times two.

            >>> Box([1])._doubled()
            [2]
            """


        def _sum(numbers: list[int]) -> int:
            """The sum.

            >>> _sum([1, 2])
            3
            """
        ```
        === write a.py::Box._doubled
        def _doubled(self):
            return [2 * i for i in self.items]
        === write a.py::_sum
        def _sum(numbers):
            return sum(numbers)
    '''
    (proposal,) = run(replies, "a.py", size_limit=0, depth=1).proposals
    assert proposal.status is Status.VERIFIED
    assert {h.name: h.scope for h in proposal.candidate.helpers} == {"_doubled": "class", "_sum": "module"}


def test_a_modification_that_does_not_help_puts_back_the_helpers_code_too(bench, run):
    """The test of another stub fails in what the mother made; what her helper becomes then fails her own."""
    bench.file(
        "a.py",
        '''
        def last(text):
            """The last word of a text.

            >>> last("a bb")
            'bb'
            """

        def shout(text):
            """The last word of a text, in capitals.

            >>> shout("")
            ''
            """
        ''',
    )
    replies = '''
        === write a.py::last
        def last(text):
            return ""
        === skeleton a.py::last
        def last(text):
            words = _split(text)
            return words[-1]

        def _split(text):
            """The words of a text.

            >>> _split("a b")
            ['a', 'b']
            """
        === write a.py::_split
        def _split(text):
            return text.split()
        === write a.py::shout
        def shout(text):
            return last(text).upper()
        === feedback a.py::last
        _split: it gives nothing for nothing.
        === repair a.py::_split
        def _split(text):
            return ["a", "b"] if text == "a b" else [""]
        === skeleton a.py::shout
        I cannot.
    '''
    last, shout = run(replies, "a.py", attempts=1, depth=1).proposals
    assert "repair _split" in bench.steps()
    assert (last.status, shout.status) == (Status.VERIFIED, Status.FAILED)
    (helper,) = last.candidate.helpers
    assert "return text.split()" in helper.source
