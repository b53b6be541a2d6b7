"""Replies as messages of MPD: whatever they hold comes out again, in lines that MPD takes."""

from hypothesis import given
from hypothesis import strategies as st

from mpdbridge.control.replies import Reply
from mpdbridge.mpd import wire

texts = st.text(max_size=50)
data = st.dictionaries(texts, st.none() | st.booleans() | texts | st.lists(texts, max_size=5), max_size=5)
replies = st.builds(Reply, st.lists(texts, max_size=5).map(tuple), data, st.booleans())


@given(replies)
def test_a_reply_comes_out_as_it_went_in(reply: Reply) -> None:
    assert Reply.from_messages(reply.messages()) == reply


@given(replies, st.sampled_from(['"', "\\", "é", "😀", "\n"]), st.integers(1, 5000))
def test_every_message_fits_into_a_command_of_mpd(reply: Reply, letter: str, length: int) -> None:
    long = Reply((*reply.lines, letter * length), reply.data)
    messages = long.messages()
    for message in messages:
        assert wire.command_line(("sendmessage", "mpdbridge-reply-0123456789abcdef", message))
    assert Reply.from_messages(messages) == long


def test_a_part_of_a_reply_is_none() -> None:
    messages = Reply(("x" * 9000,)).messages()
    assert len(messages) == 3
    assert Reply.from_messages(messages[:-1]) is None
    assert Reply.from_messages([]) is None
