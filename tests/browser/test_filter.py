"""The filter bar: conditions, how they go together, what they count, and what becomes of them."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenPage
from tests.browser.shop import STARRED, Shop
from tests.browser.steps import (
    add_condition,
    bar,
    chip,
    close_editor,
    expect_first,
    expect_total,
    expect_where,
    rows,
    show_people,
)

AMERICANS = 'country is "United States" and language is "English"'


def counts_of(shop: Shop, sentence: str) -> list[str]:
    """What the bar says beside each condition of a sentence, by the API."""
    found = shop.api("POST", "/people/count", {"where": sentence})["conditions"]
    return [
        f"{each['match']:,} match, {each['no_match']:,} do not, {each['no_value']:,} have no value" for each in found
    ]


def expect_counts(page: Page, shop: Shop, sentence: str) -> None:
    """The figures of every chip are those of the API."""
    for at, said in enumerate(counts_of(shop, sentence), start=1):
        expect(chip(page, at).get_by_role("img", name=said)).to_be_visible()


def test_it_works(page: Page, shop: Shop) -> None:
    """Country is United States and language is English, by mouse."""
    show_people(page, shop)
    expect_total(page, shop.count(""))
    editor = add_condition(page, "Country")
    editor.get_by_role("combobox", name="Value").fill("United S")
    in_country = sum(each["country"] == "United States" for each in shop.people)
    expect(editor.get_by_role("option")).to_have_text([re.compile(rf"United States\s*{in_country:,}")])
    editor.get_by_role("option").click()
    close_editor(page)
    expect_total(page, in_country)
    add_condition(page, "Language", "English")
    close_editor(page)

    both = sum(each["country"] == "United States" and each["language"] == "English" for each in shop.people)
    expect_total(page, both)
    assert shop.count(AMERICANS) == both
    expect_where(page, AMERICANS)
    expect_counts(page, shop, AMERICANS)
    expect(page.get_by_role("table", name="People")).to_have_attribute("aria-rowcount", str(both + 1))
    expect(rows(page).first).to_contain_text("United States")
    page.reload()
    expect_total(page, both)
    expect(chip(page, 2)).to_contain_text("Language is English")


def test_any_and_an_expression(page: Page, shop: Shop) -> None:
    """All, any, and an expression over three conditions, with a mark where it can't be read."""
    show_people(page, shop, '?where=country+is+"United+States"+and+language+is+"English"')
    both = shop.count(AMERICANS)
    expect_total(page, both)
    add_condition(page, "Plan", "pro")
    close_editor(page)
    expect_total(page, shop.count(f'{AMERICANS} and plan is "pro"'))

    page.get_by_role("radiogroup", name="How conditions go together").get_by_text("Any", exact=True).click()
    either = 'country is "United States" or language is "English" or plan is "pro"'
    expect_total(page, shop.count(either))
    assert shop.count(either) > both
    expect_where(page, either)

    page.get_by_role("radiogroup", name="How conditions go together").get_by_text("Expression", exact=True).click()
    expression = page.get_by_role("textbox", name=re.compile("^Expression over the numbers"))
    expect(expression).to_have_value("1 or 2 or 3")
    expression.fill("1 and (2 or ")
    expect(bar(page)).to_contain_text("a number is missing")
    expect_total(page, shop.count(either))
    expression.fill("1 and (2 or 3)")
    nested = 'country is "United States" and (language is "English" or plan is "pro")'
    expect_total(page, shop.count(nested))
    assert shop.count(nested) == sum(
        each["country"] == "United States" and (each["language"] == "English" or each.get("plan") == "pro")
        for each in shop.people
    )
    expect_where(page, nested)
    expect_counts(page, shop, nested)

    expression.fill("(2 or 3) and 1 and not 1")
    expect_total(page, 0)
    expect(page.get_by_text("Nobody matches")).to_be_visible()


def test_the_answer_follows_every_edit(page: Page, shop: Shop) -> None:
    """Another operator, another value, no value, a condition less: each has its total."""
    show_people(page, shop, '?where=country+is+"Germany"+and+loyalty_points+>+4000')
    expect_total(page, shop.count('country is "Germany" and loyalty_points > 4000'))
    chip(page, 1).click()
    editor = page.get_by_role("dialog", name="Condition 1")
    editor.get_by_role("combobox", name="Operator").click()
    editor.get_by_role("option", name="is not", exact=True).click()
    expect_total(page, shop.count('country is not "Germany" and loyalty_points > 4000'))
    close_editor(page)
    chip(page, 2).click()
    editor = page.get_by_role("dialog", name="Condition 2")
    points = editor.get_by_role("textbox", name="Value")
    points.fill("4500")
    expect_total(page, shop.count('country is not "Germany" and loyalty_points > 4500'))
    editor.get_by_role("combobox", name="Operator").click()
    editor.get_by_role("option", name="≤", exact=True).click()
    expect_total(page, shop.count('country is not "Germany" and loyalty_points <= 4500'))
    editor.get_by_role("switch", name="Also people with no value").click()
    expect_total(page, shop.count('country is not "Germany" and (loyalty_points <= 4500 or loyalty_points is unknown)'))
    close_editor(page)
    bar(page).get_by_role("button", name=re.compile("^Remove the condition: Country")).click()
    expect_total(page, shop.count("loyalty_points <= 4500 or loyalty_points is unknown"))
    bar(page).get_by_role("button", name="Clear").click()
    expect_total(page, shop.count(""))
    expect_where(page, "")


def test_a_condition_about_events(page: Page, shop: Shop) -> None:
    show_people(page, shop)
    editor = add_condition(page, "purchase")
    expect_total(page, shop.count('did "purchase"'))
    editor.get_by_role("combobox", name="How often").click()
    editor.get_by_role("option", name="done at least", exact=True).click()
    editor.get_by_role("textbox", name="Number of times").fill("3")
    often = 'did "purchase" at least 3 times'
    expect_total(page, shop.count(often))
    bought = Counter(at for at, _, _ in shop.purchases)
    times = sum(each >= 3 for each in bought.values())
    assert shop.count(f'{often} and user_id starts with "customer-"') == times
    close_editor(page)
    expect(chip(page, 1)).to_contain_text("purchase done at least 3 times")
    expect_where(page, often)


def test_one_event_then_another_and_a_random_share(page: Page, shop: Shop) -> None:
    """Both are made and changed in the bar; what conversations keep is a group of its own."""
    shop.send(
        [
            {"type": "track", "event": event, "userId": "customer-5", "timestamp": f"2026-01-0{day}T10:00:00Z"}
            for day, event in ((1, "asked"), (3, "answered"))
        ]
    )
    show_people(page, shop)
    editor = add_condition(page, "One event, then another")
    for label, event in (("First", "asked"), ("Then", "answered")):
        editor.get_by_role("combobox", name=label).click()
        editor.get_by_role("option", name=event, exact=True).click()
    expect_total(page, 1)
    expect_where(page, 'did "asked" then "answered" within 7 days')
    editor.get_by_role("textbox", name="How long").fill("1")
    expect_where(page, 'did "asked" then "answered" within 1 day')
    expect(page.get_by_text("Nobody matches")).to_be_visible()
    close_editor(page)
    bar(page).get_by_role("button", name="Clear").click()

    editor = add_condition(page, "Random share")
    expect_where(page, "random bucket 0 to 10")
    editor.get_by_role("textbox", name="Up to").fill("25")
    expect_where(page, "random bucket 0 to 25")
    expect_total(page, shop.count("random bucket 0 to 25"))
    close_editor(page)
    expect(chip(page, 1)).to_contain_text("0–25 %")

    bar(page).get_by_role("button", name="Add condition").click()
    conversation = page.get_by_role("group", name="Conversation")
    for name in ("Channel", "Campaign", "Last message at", "Last message", "Current message"):
        expect(conversation.get_by_role("option", name=re.compile(f"^{name}"))).not_to_have_count(0)


def test_the_filter_as_a_sentence(page: Page, shop: Shop, watch: Watch) -> None:
    """Written with proposals; what is wrong is said where it is."""
    show_people(page, shop)
    # It is checked while it is typed, and half a sentence is none.
    watch.expect(400, "/api/v1/workspaces/acme/people/count")
    bar(page).get_by_role("button", name="Sentence").click()
    sentence = page.get_by_role("textbox", name="The filter as a sentence")
    sentence.fill("langage is known")
    expect(bar(page)).to_contain_text("langage")
    expect(bar(page).get_by_role("button", name="Apply")).to_be_disabled()
    sentence.fill("")
    sentence.press_sequentially("lang")
    page.get_by_role("option", name=re.compile("Language")).first.click()
    sentence.press_sequentially("is ")
    sentence.press_sequentially('"Germ')
    page.get_by_role("option", name=re.compile("German")).first.click()
    german = sum(each["language"] == "German" for each in shop.people)
    expect(bar(page)).to_contain_text(f"{german:,} people match")
    bar(page).get_by_role("button", name="Apply").click()
    expect_total(page, german)
    expect_where(page, 'language is "German"')
    expect(chip(page, 1)).to_contain_text("Language is German")


# A sentence that can't be used, and what a German reader is told of it.
WRONG_IN_GERMAN = {
    "langage is known": "Zeile 1, Spalte 1: Es gibt kein Feld „langage“. Erwartet wird: language",
    "country is": "Spalte 11: das Ende kann hier nicht stehen. Erwartet wird: Text in doppelten Anführungszeichen",
    "country is is": "Spalte 12: `is` kann hier nicht stehen. Erwartet wird: Text in doppelten Anführungszeichen",
    "loyalty_points between 5 and 1": "Der Bereich ist leer. Erwartet wird: ein `from`, das nicht größer ist als `to`.",
    'name matches "(?=a)"': "Das Muster geht so nicht: Vorausschau, Rückschau,",
    'first_seen after "x"': '"x" ist kein Datum. Erwartet wird: ein Datum wie 2026-01-31 oder eine Zeit',
    'in segment "Nobody has this"': "Es gibt kein Segment „Nobody has this“.",
}


def test_what_is_wrong_with_a_filter_in_german(open_page: OpenPage, shop: Shop, watch: Watch) -> None:
    """In the sentence and beside the condition; the words of the filter language are the same in each language."""
    page = open_page("people", language="de")
    watch.expect(400, "/api/v1/workspaces/acme/people/count")
    section = page.get_by_role("region", name="Filter", exact=True)
    section.get_by_role("button", name="Satz").click()
    sentence = page.get_by_role("textbox", name="Der Filter als Satz")
    for text, said in WRONG_IN_GERMAN.items():
        sentence.fill(text)
        expect(section).to_contain_text(said)
    page.goto(shop.page("people") + "?where=" + quote('name matches "x" and country is known'))
    chip(page, 1).click()
    page.get_by_role("dialog").get_by_role("combobox", name="Wert").fill("(?=a)")
    # A condition shows its fault instead of its numbers; it is read out, and not shown twice.
    for place in (chip(page, 1), section.get_by_role("alert")):
        expect(place).to_contain_text("Das Muster geht so nicht: Vorausschau, Rückschau,")
    expect(chip(page, 1).get_by_role("img")).to_have_count(0)
    expect(chip(page, 2).get_by_role("img")).to_have_count(1)
    # The list says that it does not follow the bar.
    expect(page.get_by_text("Zu sehen sind noch die Personen des vorigen.")).to_be_visible()


def test_a_link_with_a_filter_that_cannot_be_read(page: Page, shop: Shop, watch: Watch) -> None:
    """Nobody is shown, in the list and in the charts, until it is mended or left."""
    watch.expect(400, "/api/v1/workspaces/acme/people")
    watch.expect(400, "/api/v1/workspaces/acme/people/count")
    watch.expect(400, "/api/v1/workspaces/acme/charts")
    for tab in ("", "&tab=charts"):
        page.goto(shop.page("people") + "?where=" + quote('country is is "Germany"') + tab)
        expect(page.get_by_role("heading", name="This filter can't be read")).to_be_visible()
        expect(page.get_by_role("textbox", name="The filter as a sentence")).to_have_value('country is is "Germany"')
        expect(page.get_by_role("table")).to_have_count(0)
    page.get_by_role("textbox", name="The filter as a sentence").fill('country is "Germany"')
    page.get_by_role("button", name="Apply").click()
    expect_total(page, shop.count('country is "Germany"'))
    page.goto(shop.page("people") + "?where=" + quote('country is is "Germany"'))
    page.get_by_role("button", name="Show everyone").click()
    expect_total(page, shop.count(""))


def test_a_sentence_of_proposals_by_keyboard(page: Page, shop: Shop, watch: Watch) -> None:
    """A condition about events, of which not one word is written out."""
    show_people(page, shop)
    watch.expect(400, "/api/v1/workspaces/acme/people/count")
    bar(page).get_by_role("button", name="Sentence").click()
    sentence = page.get_by_role("textbox", name="The filter as a sentence")
    top = shop.api("GET", "/events/values?event=purchase&property=title")["values"][0]
    steps = [
        ("di", "did", "did "),
        ("pur", "purchase", 'did "purchase" '),
        ("at", "at least", 'did "purchase" at least '),
        ("", "2", 'did "purchase" at least 2 '),
        ("", "times", 'did "purchase" at least 2 times '),
        ("in", "in the last", 'did "purchase" at least 2 times in the last '),
        ("", "365", 'did "purchase" at least 2 times in the last 365 '),
        ("d", "days", 'did "purchase" at least 2 times in the last 365 days '),
        ("w", "where", 'did "purchase" at least 2 times in the last 365 days where '),
        ("ti", "title", 'did "purchase" at least 2 times in the last 365 days where title '),
        ("", "is", 'did "purchase" at least 2 times in the last 365 days where title is '),
    ]
    whole = f'did "purchase" at least 2 times in the last 365 days where title is "{top["value"]}"'
    for typed, name, result in [*steps, ("", top["value"], f"{whole} ")]:
        page.keyboard.type(typed)
        option = page.get_by_role("option", name=name).first
        expect(option).to_be_visible()
        # Where a word has been begun, its best proposal is at hand; otherwise one is chosen.
        for _ in range(30):
            if option.get_attribute("aria-selected") == "true":
                break
            page.keyboard.press("ArrowDown")
        expect(sentence).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
        expect(option).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(sentence).to_have_value(result)
    found = shop.count(whole)
    assert found > 0
    expect(bar(page)).to_contain_text(f"{found:,} people match")
    page.keyboard.press("Enter")
    expect_total(page, found)
    expect_where(page, whole)


def test_save_as_segment_and_star_it(page: Page, shop: Shop) -> None:
    show_people(page, shop, '?where=country+is+"France"+and+language+is+"French"')
    french = shop.count('country is "France" and language is "French"')
    expect_total(page, french)
    bar(page).get_by_role("button", name="Create segment").click()
    dialog = page.get_by_role("dialog", name="New segment")
    expect(dialog).to_contain_text(f"{french:,} people")
    dialog.get_by_label("Name").fill("The French")
    dialog.get_by_label("Description").fill("They write in French.")
    dialog.get_by_role("button", name="Create segment").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("The French")
    made = shop.segment("The French")
    assert (made["size"], made["description"], made["starred"]) == (french, "They write in French.", False)
    page.get_by_role("button", name="Add The French to favourites").click()
    expect(page.get_by_role("button", name="Remove The French from favourites")).to_be_visible()
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Segments").click()
    # Favourites come first, by name: the shop's own and this one.
    favourites = page.get_by_role("table", name="Segments").get_by_role("row").nth(len(STARRED) + 1)
    expect(favourites).to_contain_text("The French")
    expect(favourites).to_contain_text(f"{french:,}")


def test_a_segments_name_is_taken_once(page: Page, shop: Shop, watch: Watch) -> None:
    show_people(page, shop, '?where=country+is+"Greece"')
    bar(page).get_by_role("button", name="Create segment").click()
    dialog = page.get_by_role("dialog", name="New segment")
    dialog.get_by_label("Name").fill("New York")
    watch.expect(409, "/api/v1/workspaces/acme/segments")
    dialog.get_by_role("button", name="Create segment").click()
    expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(dialog).to_contain_text("New York")
    assert len([each for each in shop.api("GET", "/segments")["items"] if each["name"] == "New York"]) == 1


@pytest.mark.no_second_try
def test_a_link_shows_the_same_to_another_member(open_page: OpenPage, shop: Shop) -> None:
    """The address holds the view; who is not logged in logs in first, and then sees the same."""
    page = open_page("people")
    add_condition(page, "Country", "Brazil")
    close_editor(page)
    brazil = sum(each["country"] == "Brazil" for each in shop.people)
    expect_total(page, brazil)
    page.get_by_role("button", name="City", exact=True).click()
    expect(page).to_have_url(re.compile("sort=city"))
    brazilians = quote('country is "Brazil"')
    first = shop.api("GET", f"/people?where={brazilians}&sort=city&limit=1")["items"][0]
    name = first["values"]["name"]
    expect_first(page, [name])

    second = open_page(page.url.removeprefix(shop.url), another=True)
    expect_total(second, brazil)
    expect(chip(second, 1)).to_contain_text("Country is Brazil")
    expect(rows(second).first.get_by_role("link")).to_have_text(name)

    stranger = open_page(page.url.removeprefix(shop.url), logged_in=False)
    expect(stranger).to_have_url(re.compile("/login"))
    stranger.get_by_label("Email").fill(shop.email)
    stranger.get_by_label("Password", exact=True).fill(shop.password)
    stranger.get_by_role("button", name="Log in").click()
    expect_total(stranger, brazil)
    expect(chip(stranger, 1)).to_contain_text("Country is Brazil")
    expect(rows(stranger).first.get_by_role("link")).to_have_text(name)
    stranger.wait_for_url(page.url)
