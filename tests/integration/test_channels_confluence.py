"""Confluence in both dialects, against a stand-in that keeps pages: nothing is published twice, nothing overwritten silently."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from sprintreports.integrations.channel import (
    AdminNeeded,
    Choice,
    Clash,
    File,
    Noted,
    Refused,
    TryLater,
)
from sprintreports.integrations.confluence import Account, Confluence, Dialect, Known, Page
from tests.publishing_support import ME, Place, Said, Wiki, standing

SUBJECT = "0123456789abcdef" * 2
PICTURE = File("chart-burndown.png", "image/png", b"\x89PNG first")


@dataclass
class Ground:
    wiki: Wiki
    place: Place
    channel: Confluence

    async def send(self, page: Page, key: str = "k1", noted: Noted | None = None) -> Known:
        receipt = await self.channel.send(page, key=key, progress=noted or Noted())
        assert receipt.known is not None
        assert receipt.url.startswith(self.place.url)
        return receipt.known


@pytest.fixture(params=[Dialect.CLOUD, Dialect.DATA_CENTER])
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    dialect: Dialect = request.param
    wiki = Wiki(cloud=dialect is Dialect.CLOUD)
    name = "me@example.org" if wiki.cloud else ""
    with standing(wiki) as place:
        yield Ground(wiki, place, Confluence(Account(place.url, dialect, name, "token")))


def page(body: str = "<p>One</p>", **more: object) -> Page:
    return replace(Page("TEAM", "", "Baseline of Sprint 1", body, SUBJECT, (PICTURE,)), **more)


async def test_a_page_is_made_under_its_parent_and_updated_with_its_history_kept(ground: Ground) -> None:
    parent = ground.wiki.seed("Reports")
    known = await ground.send(page(parent=parent))
    assert (known.version, known.author) == (1, ME)
    assert ground.wiki.pages[known.page_id][0]["parent"] == parent
    again = await ground.send(page("<p>Two</p>", parent=parent, known=known), "k2")
    assert again == Known(known.page_id, 2, ME)
    bodies = [version["body"] for version in ground.wiki.pages[known.page_id]]
    assert [("One" in body, "Two" in body) for body in bodies] == [(True, False), (False, True)]
    assert ground.wiki.pages[known.page_id][1]["message"] == "Sprint Reports k2"


async def test_an_attachment_is_put_up_again_only_where_it_changed(ground: Ground) -> None:
    known = await ground.send(page())
    there = ground.wiki.attachments[known.page_id]
    known = await ground.send(page(known=known), "k2")
    assert there[PICTURE.name]["times"] == 1
    await ground.send(page(known=known, files=(replace(PICTURE, content=b"other"),)), "k3")
    assert (there[PICTURE.name]["times"], there[PICTURE.name]["size"]) == (2, 5)
    assert there[PICTURE.name]["comment"].startswith("Sprint Reports sha256:")


async def test_somebody_elses_edit_is_never_overwritten_silently(ground: Ground) -> None:
    known = await ground.send(page())
    ground.wiki.edit(known.page_id, "<p>A note of mine</p>")
    changed = page("<p>Two</p>", known=known)
    assert (await ground.channel.preview(changed, key="k2")).choices == (Choice.OVERWRITE, Choice.NEW_PAGE)
    with pytest.raises(Clash, match="Somebody else changed the page") as clash:
        await ground.send(changed, "k2")
    assert clash.value.choices == (Choice.OVERWRITE, Choice.NEW_PAGE)
    assert len(ground.wiki.pages[known.page_id]) == 2
    over = await ground.send(replace(changed, choice=Choice.OVERWRITE), "k2")
    assert over.version == 3
    assert "A note of mine" in ground.wiki.pages[known.page_id][1]["body"]
    with pytest.raises(Clash):
        await ground.send(page("<p>Three</p>", known=known), "k3")
    new = await ground.send(page("<p>Three</p>", known=known, choice=Choice.NEW_PAGE), "k3")
    assert new.page_id != known.page_id
    assert ground.wiki.pages[new.page_id][0]["title"] == "Baseline of Sprint 1 (2)"


async def test_our_own_account_editing_by_hand_is_somebody_else_too(ground: Ground) -> None:
    known = await ground.send(page())
    ground.wiki.edit(known.page_id, "<p>By hand, with the account of the connection</p>", by=ME)
    with pytest.raises(Clash):
        await ground.send(page("<p>Two</p>", known=known), "k2")


async def test_a_page_of_others_with_the_same_title_stays_as_it_is(ground: Ground) -> None:
    theirs = ground.wiki.seed("Baseline of Sprint 1", "<p>Theirs</p>")
    with pytest.raises(Clash, match="its last version is not ours"):
        await ground.send(page())
    assert [one["body"] for one in ground.wiki.pages[theirs]] == ["<p>Theirs</p>"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_an_answer_that_got_lost_leads_to_no_second_page_or_version(
    ground: Ground, method: str
) -> None:
    known = None if method == "POST" else await ground.send(page())
    ending = "/pages" if ground.wiki.cloud else "/content"
    ending = ending if known is None else f"/{known.page_id}"
    ground.place.instead.append((method, ending, Said(cut=True)))
    with pytest.raises(TryLater, match="broke off before it answered"):
        await ground.send(page("<p>Two</p>", known=known), "k2")
    after = await ground.send(page("<p>Two</p>", known=known), "k2")
    assert len(ground.wiki.pages) == 1
    assert after.version == len(ground.wiki.pages[after.page_id]) == (1 if known is None else 2)


async def test_a_lost_answer_about_a_page_beside_the_old_one_makes_no_third(ground: Ground) -> None:
    known = await ground.send(page())
    ground.wiki.edit(known.page_id, "<p>Mine</p>")
    wanted = page("<p>Two</p>", known=known, choice=Choice.NEW_PAGE)
    ground.place.instead.append(("POST", "/pages" if ground.wiki.cloud else "/content", Said(cut=True)))
    with pytest.raises(TryLater):
        await ground.send(wanted, "k2")
    await ground.send(wanted, "k2")
    titles = sorted(versions[-1]["title"] for versions in ground.wiki.pages.values())
    assert titles == ["Baseline of Sprint 1", "Baseline of Sprint 1 (2)"]


async def test_what_was_published_by_halves_is_finished(ground: Ground) -> None:
    files = tuple(File(f"chart-{n}.png", "image/png", bytes([n])) for n in range(3))
    method = "PUT" if ground.wiki.cloud else "POST"
    ground.place.instead.append((method, "/child/attachment", Said(503)))
    noted = Noted()
    with pytest.raises(TryLater):
        await ground.send(page(files=files), noted=noted)
    known = await ground.send(page(files=files), noted=noted)
    assert sorted(ground.wiki.attachments[known.page_id]) == [file.name for file in files]
    assert len(ground.wiki.pages[known.page_id]) == 1


async def test_a_page_that_is_gone_is_not_made_again_unasked(ground: Ground) -> None:
    known = await ground.send(page())
    del ground.wiki.pages[known.page_id]
    with pytest.raises(Clash, match="is gone") as clash:
        await ground.send(page(known=known), "k2")
    assert clash.value.choices == (Choice.NEW_PAGE,)
    new = await ground.send(page(known=known, choice=Choice.NEW_PAGE), "k2")
    assert new.version == 1


async def test_a_parent_that_is_gone_is_named(ground: Ground) -> None:
    with pytest.raises(AdminNeeded, match="The page 4711, under which the report belongs, is gone") as error:
        await ground.send(page(parent="4711"))
    assert not error.value.connection
    assert ground.wiki.pages == {}


async def test_a_space_that_we_may_not_see_or_write_is_named(ground: Ground) -> None:
    with pytest.raises(AdminNeeded, match="no space SECRET"):
        await ground.send(page(space="SECRET"))
    ground.wiki.forbidden = True
    with pytest.raises(AdminNeeded, match="may not write pages in the space TEAM") as error:
        await ground.send(page())
    assert not error.value.connection


@pytest.mark.parametrize(
    ("said", "kind", "match"),
    [
        (Said(401, {}), AdminNeeded, "does not accept our credentials"),
        (Said(413, {}), Refused, "too large"),
        (Said(429, {}, {"Retry-After": "37"}), TryLater, "send less"),
        (Said(502, "<html>Bad gateway</html>"), TryLater, "failed"),
        (Said(302, "", {"Location": "https://elsewhere.example/login"}), AdminNeeded, "elsewhere.example"),
        (Said(200, "<html>A proxy's page</html>"), AdminNeeded, "not Confluence's REST interface"),
    ],
)
async def test_what_confluence_can_say(ground: Ground, said: Said, kind: type[Exception], match: str) -> None:
    ending = "/pages" if ground.wiki.cloud else "/content"
    ground.place.instead.append(("POST", ending, said))
    with pytest.raises(kind, match=match) as error:
        await ground.send(page())
    if isinstance(error.value, TryLater) and said.status == 429:
        assert error.value.wait == 37
    assert "token" not in str(error.value)


async def test_a_check_says_who_we_are_and_a_dry_run_writes_nothing(ground: Ground) -> None:
    assert (await ground.channel.check()).sentence == "Confluence lets us in as Reports."
    told = await ground.channel.preview(page(), key="k")
    assert told.sentence == "A new page “Baseline of Sprint 1” would be made in the space TEAM."
    assert {one.method for one in ground.place.asked} == {"GET"}


async def test_an_address_inside_the_network_is_not_asked() -> None:
    channel = Confluence(Account("http://169.254.169.254", Dialect.DATA_CENTER, "", "token"))
    with pytest.raises(AdminNeeded, match=r"does not connect to 169\.254\.169\.254"):
        await channel.check()
