"""The people of the company: names from many places, each working in a zone."""

import random
from dataclasses import dataclass

_PLACES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Europe/Berlin", ("Annika", "Lukas", "Miriam", "Jonas", "Greta", "Emre"),
     ("Vogel", "Brandt", "Yildiz", "Hoffmann", "Keller", "Seidel")),
    ("Asia/Kolkata", ("Priya", "Arjun", "Kavya", "Rohan", "Ananya", "Vikram"),
     ("Nair", "Iyer", "Sharma", "Deshpande", "Reddy", "Banerjee")),
    ("America/New_York", ("Grace", "Marcus", "Elena", "Tyrone", "Hannah", "Diego"),
     ("Okafor", "Johnson", "Ramirez", "Goldberg", "Washington", "Silva")),
    ("Europe/Lisbon", ("Inês", "Tiago", "Beatriz", "Rui"), ("Carvalho", "Almeida", "Fonseca", "Moreira")),
    ("Asia/Tokyo", ("Haruka", "Kenji", "Yuki", "Daichi"), ("Tanaka", "Mori", "Ishikawa", "Sato")),
    ("Africa/Nairobi", ("Wanjiru", "Otieno", "Amina", "Kamau"), ("Mwangi", "Odhiambo", "Hassan", "Njoroge")),
    ("Europe/Warsaw", ("Agnieszka", "Piotr", "Zofia", "Marek"), ("Kowalska", "Nowak", "Zieliński", "Wójcik")),
    ("Australia/Adelaide", ("Siobhan", "Callum", "Mei", "Aroha"), ("Nguyen", "Fraser", "Chen", "Tamihana")),
)  # fmt: skip

_STAKEHOLDERS: tuple[tuple[str, str], ...] = (
    ("Margarethe Lindqvist", "Europe/Stockholm"),
    ("Babajide Adeyemi", "Africa/Lagos"),
    ("Chiara Bianchi", "Europe/Rome"),
    ("Samuel O'Connor", "Europe/Dublin"),
    ("Fatima al-Sayed", "Asia/Dubai"),
    ("Ji-woo Park", "Asia/Seoul"),
    ("Claire Dubois", "Europe/Paris"),
    ("Rajesh Krishnan", "Asia/Kolkata"),
    ("Valentina Herrera", "America/Bogota"),
    ("Anders Nygård", "Europe/Oslo"),
    ("Leilani Kealoha", "Pacific/Honolulu"),
    ("Mikołaj Dąbrowski", "Europe/Warsaw"),
)


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    name: str
    zone: str
    active: bool = True

    @property
    def account_id(self) -> str:
        return f"5f{self.number:04d}a1c0de{self.number * 7919 % 100000:05d}b2"

    @property
    def username(self) -> str:
        folded = self.name.lower().translate(_FOLD)
        return "".join(ch if ch.isascii() and ch.isalpha() else "." for ch in folded).strip(".")

    @property
    def user_key(self) -> str:
        return f"JIRAUSER{10100 + self.number}"

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"


_FOLD = str.maketrans("áàâãäåąćçéèêëęíìîïłñńóòôõöøśúùûüýźżğş", "aaaaaaacceeeeeiiiilnnoooooosuuuuyzzgs")


def hire(count: int, rng: random.Random, *, first_number: int) -> list[Person]:
    """`count` developers with distinct names; a few have left the company since."""
    people: list[Person] = []
    taken: set[str] = set()
    while len(people) < count:
        zone, firsts, lasts = _PLACES[len(people) % len(_PLACES)]
        name = f"{rng.choice(firsts)} {rng.choice(lasts)}"
        if name in taken:
            name = f"{name.split(' ', maxsplit=1)[0]} {rng.choice(lasts)}-{rng.choice(lasts)}"
            if name in taken:
                continue
        taken.add(name)
        number = first_number + len(people)
        people.append(Person(number, name, zone, active=len(people) % 17 != 16))
    return people


def zone_of(name: str) -> str | None:
    """The zone of the place that a developer's first name is from; None for other names."""
    first = name.split(" ", maxsplit=1)[0]
    return next((zone for zone, firsts, _ in _PLACES if first in firsts), None)


def stakeholders(*, first_number: int) -> list[Person]:
    return [Person(first_number + index, name, zone) for index, (name, zone) in enumerate(_STAKEHOLDERS)]
