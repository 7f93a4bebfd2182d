"""Sealed files: read with the data key, and with nothing else."""

from pathlib import Path

import pytest

from desktop.errors import WrongKey
from desktop.sealing import is_sealed, seal, unseal
from desktop.services.reading import read_document
from tests.helpers.records import a_document, a_session

KEY = bytes(range(32))


def test_what_was_sealed_comes_back():
    for content in (b"", b"{}", bytes(100_000)):
        sealed = seal(KEY, content)
        assert is_sealed(sealed)
        assert unseal(KEY, sealed) == content


def test_the_same_content_is_never_sealed_alike_and_shows_nothing():
    one, other = seal(KEY, b"Zebedee Quillfeather"), seal(KEY, b"Zebedee Quillfeather")
    assert one != other
    assert b"Zebedee" not in one


def test_another_key_or_a_flipped_bit_gives_nothing():
    sealed = seal(KEY, b"Zebedee Quillfeather")
    with pytest.raises(WrongKey):
        unseal(bytes(32), sealed)
    for place in range(len(sealed) - 40, len(sealed)):
        damaged = bytearray(sealed)
        damaged[place] ^= 1
        with pytest.raises(WrongKey):
            unseal(KEY, bytes(damaged))
    with pytest.raises(WrongKey):
        unseal(KEY, sealed[:30])


def test_a_sealed_document_is_read_like_a_plain_one(tmp_path: Path):
    from desktop.export.canonical import canonical

    document = a_document(a_session())
    for content in (canonical(document), seal(KEY, canonical(document))):
        (tmp_path / "file").write_bytes(content)
        assert canonical(read_document(tmp_path / "file", key=KEY)) == canonical(document)
