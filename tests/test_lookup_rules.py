"""The second factor and the limits, without a server; a million guesses are simulated against the limits."""

import itertools
import random
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import strategies
from hocba_core import lookup
from hypothesis import given, settings

NOW = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["14/3/2016", "14/03/2016", " 14-03-2016 ", "14.3.2016", "2016-03-14", "14 03 2016"])
def test_birth_date_is_read_as_people_write_it(typed):
    assert lookup.read_factor(typed, "1234") == lookup.Factor(date(2016, 3, 14), "1234")


@pytest.mark.parametrize(
    ("birth_date", "digits"),
    [
        ("31/02/2016", "1234"),
        ("", "1234"),
        (None, None),
        ("14/3/16", "1234"),
        ("14/3/2016", "123"),
        ("14/3/2016", "１２３４"),
    ],
)
def test_what_can_be_no_factor_is_none(birth_date, digits):
    assert lookup.read_factor(birth_date, digits) is None


@settings(max_examples=100)
@given(data=strategies.records())
def test_only_the_right_factor_fits(data):
    number = data.id_number or data.pupil_code
    right = lookup.Factor(data.birth_date, number[-4:].upper())
    assert right.matches(data)
    assert not lookup.Factor(data.birth_date + timedelta(days=1), right.digits).matches(data)
    assert not lookup.Factor(data.birth_date, right.digits + "0").matches(data)
    assert not lookup.Factor(data.birth_date, "").matches(data)


def test_nothing_of_health_family_or_remarks_is_shown():
    secret = "KHÔNG ĐƯỢC LỘ"
    texts = ("father", "mother", "guardian", "address", "birth_place", "home_town", "ethnicity", "homeroom_comment")
    texts += ("quality_comment", "general_competence_comment", "specific_competence_comment")
    data = replace(
        strategies.example(),
        **dict.fromkeys(texts, secret),
        weight=Decimal("98.76"),
        height=Decimal("198.7"),
        id_number="048216001234",
    )
    shown = repr(lookup.public_record(data))
    assert data.pupil_name in shown
    assert not [word for word in (secret, "98.76", "198.7", "048216001234") if word in shown]


def test_initials():
    assert lookup.initials("Nguyễn Thị  ánh") == "N. T. Á."


@pytest.mark.parametrize(
    ("address", "network", "masked"),
    [
        ("203.0.113.77", "203.0.113.77", "203.0.113.x"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.77", "203.0.113.x"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("203.0.113.77, 198.51.100.1", "unknown", "unknown"),
        (None, "unknown", "unknown"),
    ],
)
def test_addresses(address, network, masked):
    assert lookup.network_of(address) == network
    assert lookup.mask_address(address) == masked


class Gate:
    """The counters of one server, kept in a dictionary as hocba.lookup.counter keeps them in rows."""

    def __init__(self):
        self.counters = {}

    def guess(self, address, record, now):
        keys = {"address": address, "all": "all", "record": record, "record_ever": record}
        places = {limit.scope: (limit.scope, keys[limit.scope], limit.window(now)) for limit in lookup.GUESSES}
        known = {scope: self.counters[place] for scope, place in places.items() if place in self.counters}
        decision = lookup.decide(known, now, lookup.GUESSES)
        if decision.allowed:
            for scope, place in places.items():
                self.counters[place] = lookup.Counter(known[scope].count + 1 if scope in known else 1, now)
        return decision


def test_one_address_waits_longer_and_longer():
    gate, now, waits = Gate(), NOW, []
    for _ in range(8):
        decision = gate.guess("a", str(len(waits)), now)
        while not decision.allowed:
            waits.append(decision.retry_after)
            now += timedelta(seconds=decision.retry_after)
            decision = gate.guess("a", str(len(waits)), now)
    assert waits == [5, 10, 20, 40, 80]


def test_a_million_guesses_from_many_addresses_at_one_record():
    """A thief of one paper with 100,000 addresses, ten guesses a second for more than a day."""
    gate = Gate()
    allowed = sum(
        gate.guess(f"address {number % 100_000}", "record", NOW + timedelta(seconds=number / 10)).allowed
        for number in range(1_000_000)
    )
    assert allowed <= 2 * 20
    assert allowed / (365 * 10**4) < 2e-5, "the chance of a right guess"


def test_a_record_is_closed_after_200_guesses_in_all():
    gate = Gate()
    allowed = sum(
        gate.guess(f"address {number}", "record", NOW + timedelta(hours=number)).allowed for number in range(24 * 400)
    )
    assert allowed == 200


def test_many_guesses_at_many_records():
    """A thief of a province's codes with as many addresses as he likes: the sum of all stops him."""
    gate, draw = Gate(), random.Random(7)
    allowed = sum(
        gate.guess(
            f"address {draw.randrange(10**6)}", f"{draw.randrange(10**6)}", NOW + timedelta(seconds=number / 100)
        ).allowed
        for number in range(250_000)
    )
    hours = 250_000 / 100 / 3600
    assert allowed <= 2000 * (int(hours) + 1)


def test_one_address_gets_30_an_hour():
    gate, now, allowed = Gate(), NOW, 0
    for number in itertools.count():
        now += timedelta(seconds=1)
        if now >= NOW + timedelta(hours=1):
            break
        allowed += gate.guess("a", f"record {number}", now).allowed
    assert allowed <= 30


def test_what_an_outsider_may_see_is_this_list_and_nothing_more():
    """A new entry here is a decision on personal data: nothing of health, discipline, family or remarks."""
    shown = {field.name for field in fields(lookup.PublicRecord)}
    assert shown == {
        *("pupil_name", "birth_date", "id_number", "class_name", "school_name", "school_year"),
        *("overall", "class_completed", "primary_completed", "promoted", "award", "subjects", "traits"),
    }
    assert {field.name for field in fields(lookup.PublicLine)} == {"label", "level", "score"}
