from hypothesis import example, given
from hypothesis import strategies as st

from monitoring.journal import spill_record
from monitoring.journal.spill_record import HEAD, MARK, Scan, record, scan

BATCHES = st.lists(st.binary(max_size=40) | st.just(MARK) | st.just(record(b"within another")), max_size=8)


def scanned(data: bytes, start: int = 0, *, most: int = 100, most_bytes: int = 10_000) -> Scan:
    return scan(lambda at, length: data[at : at + length], start, len(data), most=most, most_bytes=most_bytes)


@given(BATCHES)
def test_what_was_written_is_read(batches):
    data = b"".join(map(record, batches))
    assert scanned(data) == (batches, 0, len(data))


def test_it_reads_so_many_at_a_time():
    data = b"".join(record(bytes([number]) * 10) for number in range(6))
    first = scanned(data, most=4)
    assert first.records == [bytes([number]) * 10 for number in range(4)]
    assert scanned(data, first.end).records == [b"\x04" * 10, b"\x05" * 10]
    assert len(scanned(data, most_bytes=15).records) == 2


@given(BATCHES, st.data())
def test_a_file_cut_anywhere_gives_what_was_whole(batches, source):
    data = b"".join(map(record, batches))
    cut = source.draw(st.integers(0, len(data)))
    found = scanned(data[:cut])
    assert found.records == batches[: len(found.records)]
    assert found.end == cut
    whole = sum(len(record(batch)) for batch in found.records)
    assert found.torn == (whole < cut)


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=8), st.data())
@example([b"x"], None)
def test_a_flipped_byte_harms_its_own_record_only(batches, source):
    records = [record(batch) for batch in batches]
    hurt = source.draw(st.integers(0, len(records) - 1)) if source else 0
    at = source.draw(st.integers(0, len(records[hurt]) - 1)) if source else 5
    broken = bytearray(records[hurt])
    broken[at] ^= 0x55
    found = scanned(b"".join([*records[:hurt], bytes(broken), *records[hurt + 1 :]]))
    assert found.records == batches[:hurt] + batches[hurt + 1 :]
    assert found.torn == 1


@given(st.binary(max_size=200))
def test_anything_at_all_can_be_scanned(data):
    assert scanned(data).end == len(data)


def test_a_mark_across_the_border_of_two_reads_is_found(monkeypatch):
    monkeypatch.setattr(spill_record, "WINDOW", 8)
    for rubbish in range(1, 20):
        found = scanned(b"\0" * rubbish + record(b"data"))
        assert (found.records, found.torn) == ([b"data"], 1)


def test_a_length_beyond_all_bounds_is_not_read():
    assert scanned(HEAD.pack(MARK, 2**32 - 1, 0) + record(b"data")) == ([b"data"], 1, 2 * HEAD.size + 4)
