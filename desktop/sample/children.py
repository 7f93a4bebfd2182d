"""Invented children: who they are, and how they grow."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from desktop.age import age_on
from desktop.codes import LETTERS
from desktop.crud import CODE_LENGTH
from desktop.schemas import Handedness, Sex

# Girls, boys, and families, each from one part of the world, so that a name is one that somebody could have.
_NAMES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("Olivia", "Grace", "Amelia", "Poppy", "Ruby", "Hannah", "Isla", "Maisie"),
        ("Noah", "George", "Oscar", "Theo", "Finn", "Arthur", "Jude", "Owen"),
        ("Taylor", "Hughes", "O’Brien", "Campbell", "Whitfield", "Okoro-Smith", "Price", "Marlowe"),
    ),
    (
        ("ليلى", "مريم", "سلمى", "نور", "ياسمين", "هالة"),
        ("يوسف", "عمر", "كريم", "آدم", "زياد", "طارق"),
        ("حداد", "المصري", "خوري", "عبد الله", "الشامي", "بن سعيد"),
    ),
    (
        ("Zoé", "Chloé", "Anaïs", "Maëlys"),
        ("Léo", "Théo", "François", "Loïc"),
        ("Lefèvre", "Bérard", "Dupré", "Noël"),
    ),
    (
        ("Lucía", "Inés", "Ximena", "Begoña"),
        ("Martín", "Íker", "Nicolás", "Ramón"),
        ("Muñoz Peña", "Ibáñez", "Nuñez"),
    ),
    (
        ("Frieda", "Jördis", "Käthe", "Mia"),
        ("Jürgen", "Emil", "Sören", "Till"),
        ("Müller", "Größ", "Schönfeld"),
    ),
    (
        ("Elif", "Gülşen", "Çiçek", "Defne"),
        ("Kaan", "İsmail", "Ömer", "Çağan"),
        ("Yıldız", "Şahin", "Öztürk"),
    ),
    (("Nguyễn Thị Mai", "Trần Bảo Ngọc"), ("Lê Minh Đức", "Phạm Quốc Anh"), ("",)),
    (("王雨涵", "李思雨", "刘梓萱"), ("张浩然", "陈子轩", "赵宇航"), ("",)),
    (("佐藤 美咲", "鈴木 さくら"), ("田中 蓮", "高橋 陽翔"), ("",)),
    (("김서연", "이지우"), ("박민준", "최도윤"), ("",)),
    (("Títílayọ̀", "Adaeze", "Ngozi"), ("Chukwuemeka", "Olúwaṣeun", "Kofi"), ("Nwosu", "Adéyẹmí", "Mensah")),
    (("अनन्या", "दिया", "मीरा"), ("आरव", "विवान", "कबीर"), ("शर्मा", "पटेल", "नायर")),
    (("Guðrún", "Sóley"), ("Þór", "Birkir"), ("Blöndal", "Briem")),
    (("Zuzanna", "Łucja", "Żaneta"), ("Łukasz", "Stanisław", "Michał"), ("Wójcik", "Śliwa", "Dąbek")),
)
_COMMONNESS = (24, 20, 9, 10, 8, 8, 4, 2, 2, 2, 5, 3, 3, 6)

# Medians by months of age, between the sexes: WHO Child Growth Standards (2006) and WHO Reference 2007 for height,
# CDC 2000 for weight from 2 years.
_MONTHS = (24, 36, 48, 60, 72, 96, 120, 144, 168)
_HEIGHT_CM = (87.1, 95.6, 103.0, 109.4, 115.5, 126.9, 138.2, 150.2, 161.5)
_WEIGHT_KG = (12.4, 14.1, 16.0, 18.2, 20.5, 25.6, 32.4, 41.2, 50.2)
_HEIGHT_SPREAD, _WEIGHT_SPREAD = 0.042, 0.12


@dataclass(frozen=True)
class Child:
    """A child; `tallness` and `skill` are standard scores that stay with it."""

    id: UUID
    code: str
    name: str
    identifier: str | None
    born: date
    sex: Sex
    gestational_weeks: int | None
    handedness: Handedness
    tallness: float
    skill: float

    def months_on(self, day: date) -> int:
        return age_on(self.born, day).total_months

    def height_on(self, day: date) -> float:
        """Return the height in cm, to the millimetre."""
        median = _between(_HEIGHT_CM, self.months_on(day))
        return round(median * (1 + _HEIGHT_SPREAD * self.tallness), 1)

    def weight_on(self, day: date) -> float:
        """Return the weight in kg, to 100 g."""
        median = _between(_WEIGHT_KG, self.months_on(day))
        return round(median * (1 + _WEIGHT_SPREAD * self.tallness), 1)


def invent_child(random: Random, *, seen: date) -> Child:
    """Return a child who is 3 to 12 years old on the day `seen`."""
    girls, boys, families = random.choices(_NAMES, _COMMONNESS)[0]
    sex: Sex = random.choice(("female", "male"))
    given, family = random.choice(girls if sex == "female" else boys), random.choice(families)
    return Child(
        id=UUID(int=random.getrandbits(128), version=4),
        code="".join(random.choices(LETTERS, k=CODE_LENGTH)),
        name=f"{given} {family}".strip(),
        identifier=f"P-{random.randrange(10_000, 100_000)}" if random.random() < 0.6 else None,
        born=seen - timedelta(days=random.randrange(3 * 366, 12 * 365)),
        sex=sex,
        gestational_weeks=random.choices((None, 40, 39, 34, 29), (50, 25, 15, 7, 3))[0],
        handedness=random.choices(("right", "left", "mixed", "not_established"), (80, 10, 4, 6))[0],
        tallness=max(-2.5, min(2.5, random.gauss(0, 1))),
        skill=max(-2.0, min(2.0, random.gauss(0, 0.8))),
    )


def _between(values: tuple[float, ...], months: int) -> float:
    """Return the value at `months`, along a straight line between the two ages around it."""
    place = max(1, min(len(_MONTHS) - 1, bisect_right(_MONTHS, months)))
    share = (months - _MONTHS[place - 1]) / (_MONTHS[place] - _MONTHS[place - 1])
    return values[place - 1] + share * (values[place] - values[place - 1])
