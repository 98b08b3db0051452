"""Stored secrets: what is sealed opens with the same key and context, and with nothing else."""

import base64

import pytest

from sprintreports import settings as settings_module
from sprintreports.kit import crypto


@pytest.fixture
def use_key(monkeypatch: pytest.MonkeyPatch):
    def use(key: str, **more: str) -> None:
        monkeypatch.setenv("SPRINTREPORTS_SECRET_KEY", key)
        for name, value in more.items():
            monkeypatch.setenv(f"SPRINTREPORTS_{name.upper()}", value)
        settings_module.reload()
        crypto.forget_key()

    yield use
    monkeypatch.undo()
    settings_module.reload()
    crypto.forget_key()


def _key(letter: bytes) -> str:
    return base64.b64encode(letter * 32).decode()


def test_what_is_sealed_opens_again(use_key):
    use_key(_key(b"a"))
    sealed = crypto.seal(b"a token", context="site:7")
    assert b"a token" not in sealed
    assert crypto.unseal(sealed, context="site:7") == b"a token"


def test_two_seals_of_one_text_differ(use_key):
    use_key(_key(b"a"))
    assert crypto.seal(b"x", context="c") != crypto.seal(b"x", context="c")


def test_another_context_does_not_open_it(use_key):
    use_key(_key(b"a"))
    sealed = crypto.seal(b"a token", context="site:7")
    with pytest.raises(crypto.SecretKeyWrong):
        crypto.unseal(sealed, context="site:8")


def test_another_key_does_not_open_it(use_key):
    use_key(_key(b"a"))
    sealed = crypto.seal(b"a token", context="site:7")
    use_key(_key(b"b"))
    with pytest.raises(crypto.SecretKeyWrong, match="SPRINTREPORTS_SECRET_KEY"):
        crypto.unseal(sealed, context="site:7")


@pytest.mark.parametrize("position", [0, 3, 8, -1])
def test_a_changed_byte_does_not_open(use_key, position: int):
    use_key(_key(b"a"))
    sealed = bytearray(crypto.seal(b"a token", context="c"))
    sealed[position] ^= 1
    with pytest.raises(crypto.SecretKeyWrong):
        crypto.unseal(bytes(sealed), context="c")


@pytest.mark.parametrize(
    ("key", "words"), [("not base64!", "not base64"), (base64.b64encode(b"short").decode(), "5 bytes")]
)
def test_a_malformed_key_is_said(use_key, key: str, words: str):
    use_key(key)
    with pytest.raises(crypto.SecretKeyMissing, match=words):
        crypto.seal(b"x", context="c")


def test_a_missing_key_file_is_said_and_never_made_on_the_way(use_key, tmp_path):
    use_key("", secret_key_file=str(tmp_path / "secret.key"))
    with pytest.raises(crypto.SecretKeyMissing):
        crypto.seal(b"x", context="c")
    assert not (tmp_path / "secret.key").exists()


def test_a_made_key_file_works_is_private_and_is_never_replaced(use_key, tmp_path):
    path = tmp_path / "keys" / "secret.key"
    crypto.create_key_file(path)
    assert path.stat().st_mode & 0o077 == 0
    use_key("", secret_key_file=str(path))
    assert crypto.unseal(crypto.seal(b"x", context="c"), context="c") == b"x"
    with pytest.raises(FileExistsError):
        crypto.create_key_file(path)


def test_derived_keys_differ_by_purpose(use_key):
    use_key(_key(b"a"))
    assert crypto.derive("jwt") != crypto.derive("session")
    assert len(crypto.derive("jwt", length=16)) == 16
    with pytest.raises(ValueError, match="32"):
        crypto.derive("jwt", length=64)
