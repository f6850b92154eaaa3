"""Taking a campaign's folder over."""

import pytest
from sqlalchemy import select

from tests.campaigns import CAMPAIGN, IMOGEN, LETTER, NAME, PROSPECTS, RIK, Desk
from undersigned.errors import Refused
from undersigned.flows import apply, check, new
from undersigned.store import campaigns
from undersigned.store.machine_tables import JournalRow
from undersigned.store.tables import EditionRow, ProspectRow


def changes(desk: Desk) -> list[str]:
    """Give what applying the folder would change."""
    draft = check.check(desk.service, desk.folder)
    return [str(change) for change in apply.compare(desk.service, draft)]


def test_it_takes_a_new_campaign_over(desk: Desk) -> None:
    """A first import has every party, and nothing more to change after it."""
    assert len(changes(desk)) == 3
    desk.apply()

    assert changes(desk) == []


def test_it_shows_a_moved_cut_off(desk: Desk) -> None:
    """The commonest act of a coordinator is shown with the old and the new instant."""
    desk.apply()
    desk.write("campaign.toml", CAMPAIGN.replace("2026-06-19T18", "2026-06-20T18"))

    assert changes(desk) == ["cutoff_at: 2026-06-19T22:00:00+00:00 → 2026-06-20T22:00:00+00:00"]
    desk.apply()
    with desk.service.store.reading() as session:
        lines = session.scalars(
            select(JournalRow.detail).where(JournalRow.action == "applied")
        ).all()
    assert "cutoff_at" in lines[-1]["changes"][0]


def test_it_makes_an_edition_of_a_changed_text(desk: Desk) -> None:
    """Every change to the words is an edition of its own."""
    desk.apply()
    desk.write("letter.md", LETTER.replace("principle.", "principles."))
    assert changes(desk) == [
        "letter: edition 1 → edition 2",
        "- We write to you about a matter of principle.",
        "+ We write to you about a matter of principles.",
    ]
    desk.apply()

    with desk.service.store.reading() as session:
        editions = session.scalars(select(EditionRow.number).order_by(EditionRow.number)).all()
    assert editions == [1, 2]


def test_it_does_not_print_a_name_under_a_text_it_has_not_agreed_to(desk: Desk) -> None:
    """A change of substance takes those off who signed the earlier text, until they agree again."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.deliver()
    desk.write("letter.md", LETTER.replace("principle.", "principle, and demand a vote."))
    desk.apply(substance=True)

    assert desk.printed()["organization"] == []


def test_it_keeps_names_under_a_corrected_comma(desk: Desk) -> None:
    """A correction that changes nothing of substance asks nobody again."""
    desk.invited().answer(RIK, "YES")
    desk.read()
    desk.write("letter.md", LETTER.replace("principle.", "principle!"))
    desk.apply()

    assert len(desk.printed()["organization"]) == 1


def test_it_corrects_a_party_and_adds_another(desk: Desk) -> None:
    """A corrected field is shown and taken over; nobody is removed by a missing line."""
    desk.apply()
    rows = PROSPECTS.replace("Imogen Farrow", "Imogen Farrow-Lee").splitlines()
    desk.write("prospects.csv", "\n".join([rows[0], rows[2], "organization,New,,UK,n@n.example,,"]))

    assert changes(desk) == [
        "Kestrel Rights Watch, contact: Imogen Farrow → Imogen Farrow-Lee",
        "new party: New",
    ]
    desk.apply()
    with desk.service.store.reading() as session:
        names = session.scalars(select(ProspectRow.name)).all()
        assert len(names) == 4
        assert (
            session.scalars(select(ProspectRow.contact).where(ProspectRow.email == IMOGEN)).one()
            == "Imogen Farrow-Lee"
        )


def test_it_takes_over_missions_and_pins(desk: Desk) -> None:
    """Addresses of missions and pinned places follow the folder."""
    desk.write("campaign.toml", CAMPAIGN + '\n[list]\npins = "pins.csv"\n')
    desk.write("pins.csv", "kind,name,place\norganization,Kestrel Rights Watch,1\n")
    desk.apply()
    missions = (desk.folder / "missions.csv").read_text()
    desk.write("missions.csv", missions.replace("fr@missions", "paris@missions"))
    desk.write("pins.csv", "kind,name,place\norganization,Open Archive Collective (OAC),2\n")

    found = changes(desk)
    assert any("paris@missions.example" in line for line in found)
    assert sum("place of" in line for line in found) == 2
    desk.apply()
    with desk.service.store.reading() as session:
        campaign = campaigns.get(session, NAME)
        assert [pin.place for pin in campaigns.pins(session, campaign.id)] == [2]
        france = next(one for one in campaigns.addressees(session, campaign.id) if one.code == "FR")
        assert france.to == ["paris@missions.example"]


def test_it_refuses_a_folder_with_faults(desk: Desk) -> None:
    """Nothing is taken over from a folder that is not sound."""
    desk.write("campaign.toml", CAMPAIGN.replace("hana@letters.example", "hana"))
    draft = check.check(desk.service, desk.folder)

    with pytest.raises(Refused, match="1 fault"):
        apply.apply(desk.service, draft, by="Alice")


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("letter.md", b"no front matter", "letter.md"),
        ("letter.md", b"\xff\xfe", "not UTF-8"),
        ("prospects.csv", b"kind,name\n", "'email'"),
        ("missions.csv", b"country_code,mission,to\nFR,Mission,a@fr.example\n", "not addressed"),
        ("missions.csv", b"country_code,mission,to\nJP,Mission,a@jp.example\n", "no member"),
    ],
)
def test_it_reports_every_file(desk: Desk, file: str, content: bytes, problem: str) -> None:
    """Each fault is told with its file."""
    (desk.folder / file).write_bytes(content)

    draft = check.check(desk.service, desk.folder)

    assert any(problem in str(fault) for fault in draft.faults)


def test_it_says_what_is_missing(desk: Desk) -> None:
    """A missing file is a fault with a remedy, a missing folder is refused."""
    (desk.folder / "letter.md").unlink()

    assert any("missing" in str(fault) for fault in check.check(desk.service, desk.folder).faults)
    with pytest.raises(Refused, match="no folder"):
        check.check(desk.service, desk.folder / "nowhere")


def test_it_writes_a_folder_that_is_sound(desk: Desk) -> None:
    """What `new` writes passes `check`, and is not written over what is there."""
    folder = desk.folder.parent / "Our First Letter!"
    new.new(desk.service, folder)

    draft = check.check(desk.service, folder)
    assert draft.errors == []
    assert draft.plan is not None
    assert draft.plan.name == "our-first-letter"
    assert len(draft.addressees) == 15
    with pytest.raises(Refused, match="already"):
        new.new(desk.service, folder)
