import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from desktop.decimals import format_decimal, format_duration, parse_decimal, parse_duration
from desktop.errors import Invalid

SPACES = " \t\u00a0\u2007\u2009\u202f"
ARABIC = str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫")
PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")

doubles = st.floats(-1e15, 1e15, exclude_min=True, exclude_max=True, allow_nan=False)
groups = st.lists(st.from_regex(r"[0-9]{3}", fullmatch=True), min_size=1, max_size=4)
heads = st.from_regex(r"[1-9][0-9]{0,2}", fullmatch=True)


def test_a_comma_is_a_decimal_sign():
    assert parse_decimal("1,5") == 1.5


def test_a_point_is_a_decimal_sign():
    assert parse_decimal("1.5") == 1.5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("165.5", 165.5),
        ("  20,8  ", 20.8),
        ("\u00a020,8\u202f", 20.8),
        ("+3", 3.0),
        ("-3.5", -3.5),
        ("−3.5", -3.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("007", 7.0),
        ("1.500", 1.5),
        ("1,500", 1.5),
        ("١٢٫٥", 12.5),
        ("١٢,٥", 12.5),
        ("۱۲٫۵", 12.5),
        ("\u206612.5\u2069", 12.5),
    ],
)
def test_what_people_type_is_read(text, value):
    assert parse_decimal(text) == value


@pytest.mark.parametrize("text", ["-0", "−0,0", "-.0"])
def test_minus_nothing_is_nothing(text):
    assert str(parse_decimal(text)) == "0.0"


@pytest.mark.parametrize(
    "text",
    [
        "1 500",
        "1\u00a0500",
        "1\u202f500",
        "1.500,0",
        "1,500.0",
        "1.500.000",
        "1'500",
        "1..5",
        "1_000",
        "١٬٥٠٠",
    ],
)
def test_signs_between_groups_are_refused_with_the_reason(text):
    with pytest.raises(Invalid, match="none between groups of digits"):
        parse_decimal(text)


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "NaN",
        "inf",
        "-inf",
        "∞",
        "1e5",
        "1E-3",
        "0x1F",
        "12 kg",
        "abc",
        ".",
        "-",
        "--5",
        "5-",
        "१२",
        "½",
        "1:02",
    ],
)
def test_what_is_no_plain_number_is_refused(text):
    with pytest.raises(Invalid, match="write a number in digits"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_nothing_is_not_nought(text):
    with pytest.raises(Invalid, match="enter a number"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["0.12345678901234567890", "1.00000000000000000001", "0." + "0" * 500 + "1"])
def test_more_digits_than_can_be_kept_are_refused(text):
    with pytest.raises(Invalid, match="too many digits"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["1000000000000000", "-" + "9" * 30, "9" * 399])
def test_huge_numbers_are_refused(text):
    with pytest.raises(Invalid, match="too large"):
        parse_decimal(text)


@given(heads, groups, st.sampled_from([*SPACES, "'", "’", "_", "٬"]), st.sampled_from(["", "-", "−"]))
def test_grouping_is_always_refused(head, rest, separator, sign):
    with pytest.raises(Invalid, match="none between groups of digits"):
        parse_decimal(sign + separator.join([head, *rest]))


@given(heads, groups, st.sampled_from([".,", ",.", " ,", " .", "',"]))
def test_grouping_before_a_decimal_sign_is_always_refused(head, rest, signs):
    with pytest.raises(Invalid, match="none between groups of digits"):
        parse_decimal(signs[0].join([head, *rest]) + signs[1] + "5")


@given(doubles)
@example(0.1 + 0.2)
@example(5e-324)
@example(999999999999999.9)
def test_what_is_echoed_is_the_number_itself(value):
    assert parse_decimal(format_decimal(value, decimals=None)) == value


@given(doubles, st.sampled_from([".", ",", "٫"]))
def test_every_decimal_sign_echoes_the_number(value, sign):
    assert parse_decimal(format_decimal(value, decimals=None, sign=sign)) == value


@given(st.decimals(-999_999, 999_999, places=3))
def test_a_typed_number_is_echoed_digit_for_digit(number):
    typed = f"{number:f}"
    shortest = typed.rstrip("0").rstrip(".").replace("-", "−")
    assume(shortest != "−0")
    assert format_decimal(parse_decimal(typed), decimals=None) == shortest


@given(st.decimals(0, 999_999, places=2))
def test_digits_of_every_script_are_the_same_number(number):
    typed = f"{number:f}"
    assert parse_decimal(typed.translate(ARABIC)) == parse_decimal(typed.translate(PERSIAN)) == float(typed)


@given(st.text())
def test_any_text_is_a_number_or_refused(text):
    try:
        value = parse_decimal(text)
    except Invalid:
        return
    assert abs(value) < 1e15


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (116.0, None, "116"),
        (116.0, 1, "116.0"),
        (20.85, 1, "20.9"),
        (-20.85, 1, "−20.9"),
        (0.95, 2, "0.95"),
        (-0.04, 1, "0.0"),
        (-0.0, None, "0"),
        (1e-7, None, "0.0000001"),
        (1e22, 2, "10000000000000000000000.00"),
        (1500.0, 0, "1500"),
    ],
)
def test_numbers_are_written_plainly(value, decimals, text):
    assert format_decimal(value, decimals=decimals) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_never_shown(value):
    with pytest.raises(ValueError, match="not finite"):
        format_decimal(value, decimals=None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15.5", 15.5),
        ("15,5", 15.5),
        ("0", 0.0),
        ("75", 75.0),
        ("1:02.5", 62.5),
        ("01:02,5", 62.5),
        ("1:02:03", 3723.0),
        ("1:02:03.25", 3723.25),
        ("90:00", 5400.0),
        ("24:00:00", 86400.0),
        ("٠١:٠٢٫٥", 62.5),
    ],
)
def test_times_are_read_as_seconds_or_with_colons(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["1:60", "1:60:00", "1:00:75", "0:99.9"])
def test_minutes_and_seconds_after_a_colon_end_at_59(text):
    with pytest.raises(Invalid, match="up to 59"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["1:2", ":30", "1:", "1.5:00", "1:02:03:04", "-1:02", "1:02.5.5", "1:-2"])
def test_other_clocks_are_refused(text):
    with pytest.raises(Invalid, match="a time such as"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["-1", "86400.1", "24:00:01", "99:00:00"])
def test_a_time_lies_within_a_day(text):
    with pytest.raises(Invalid, match="24 hours"):
        parse_duration(text)


def test_a_time_with_grouped_digits_is_refused():
    with pytest.raises(Invalid, match="none between groups of digits"):
        parse_duration("1 500")


@pytest.mark.parametrize(
    ("seconds", "decimals", "text"),
    [
        (0.0, 1, "00:00.0"),
        (9.6, 1, "00:09.6"),
        (15.5, 1, "00:15.5"),
        (15.5, 2, "00:15.50"),
        (59.96, 1, "01:00.0"),
        (3599.96, 1, "1:00:00.0"),
        (3723.5, 1, "1:02:03.5"),
        (3723.5, None, "1:02:03.5"),
        (15.0, 0, "00:15"),
        (86400.0, 1, "24:00:00.0"),
    ],
)
def test_times_are_written_as_a_clock(seconds, decimals, text):
    assert format_duration(seconds, decimals) == text


def test_a_time_takes_the_decimal_sign_of_the_locale():
    assert format_duration(15.5, 1, sign=",") == "00:15,5"


@given(st.floats(0, 86_400), st.sampled_from([".", ","]))
def test_a_time_is_echoed_as_the_number_itself(seconds, sign):
    assert parse_duration(format_duration(seconds, None, sign=sign)) == seconds


@given(st.floats(0, 86_400), st.integers(0, 3))
def test_a_rounded_time_is_off_by_less_than_its_last_digit(seconds, decimals):
    shown = parse_duration(format_duration(seconds, decimals))
    assert abs(shown - seconds) <= 0.5 * 10**-decimals + 1e-9
