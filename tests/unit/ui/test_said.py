"""An address names a sentence of ours by its code, and never brings words of its own."""

import pytest

from sprintreports.identity import first_run, invitations, passwords, proof, users
from sprintreports.identity.second_factor import Checked, Verdict
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid, SprintReportsError
from sprintreports.ui import said


def _invalid(*sentences: str) -> Invalid:
    return Invalid(sentences[0], details=tuple(FieldProblem("x", one) for one in sentences))


@pytest.mark.parametrize(
    "words",
    ["Your account is locked: call +49 30 1234", "<b>password</b>", "Password", "password ", "", ".", "a.b", "wait.x"],
)  # fmt: skip
def test_words_of_the_address_are_not_shown(words: str) -> None:
    assert said.sentence({"problem": words}) == ""
    assert said.sentence({}) == ""


@pytest.mark.parametrize(
    "error",
    [
        proof.ProofNeeded(),
        invitations.LinkOver(details=(FieldProblem("token", "The link is used up, replaced or too old."),)),
        first_run.SetupCodeWrong(details=(FieldProblem("setup_code", "Wrong."),)),
        users.AlreadySetUp(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_are_told_in_their_own_words(error: SprintReportsError) -> None:
    assert said.sentence(said.code_of_error(error)) == error.message


@pytest.mark.parametrize("password", ["short", "x" * 300, "password1234", "adalovelace@example.org"])
def test_each_reason_against_a_password_is_told(password: str) -> None:
    found = passwords.problem(password, personal=("adalovelace@example.org",))
    assert found is not None
    assert said.sentence(said.code_of_error(_invalid(found))) == found


def test_several_problems_are_told_together() -> None:
    with pytest.raises(Invalid) as refused:
        users.check_texts(email="nobody", username="ada", name="x" * 201)
    codes = said.code_of_error(refused.value)
    assert codes == {"problem": "address"}
    both = said.code_of_error(Invalid("Two.", details=refused.value.details))
    assert both == {"problem": "address.name"}
    assert said.sentence(both) == f"{users.NO_ADDRESS} {users.NO_NAME}"


def test_a_code_that_is_wrong_or_missing_is_told() -> None:
    for verdict in (Verdict.WRONG, Verdict.NEEDED):
        message = Checked(verdict).message
        assert said.sentence(said.code_of(message)) == message


def test_how_long_to_wait_is_a_number() -> None:
    told = said.code_of(Checked(Verdict.WAIT, 30).message, wait=30)
    assert said.sentence(told) == "Too many failed tries. Wait 30 seconds and try again."
    assert said.sentence({"problem": "wait", "seconds": "call us"}).endswith("Wait 1 second and try again.")
    assert "86400" in said.sentence({"problem": "wait", "seconds": "9999999999"})


def test_what_is_not_known_is_told_in_general() -> None:
    sentence = said.sentence(said.code_of_error(Forbidden("A sentence of nobody's.")))
    assert sentence == "That was not accepted. Look at what you typed, and try again."
