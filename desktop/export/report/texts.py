"""The words of the reports, in English and Arabic. The Arabic has not been read by a native clinician yet."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import get_args

from desktop.export.forms import Language

_WORDS: Mapping[str, tuple[str, str]] = {
    "report": ("Motor assessment", "تقييم حركي"),
    "letter": ("About the visit", "عن الزيارة"),
    "day_list": ("Sessions of the day", "جلسات اليوم"),
    "name": ("Name", "الاسم"),
    "code": ("Code", "الرمز"),
    "born": ("Date of birth", "تاريخ الميلاد"),
    "age": ("Age", "العمر"),
    "corrected_age": ("Corrected age", "العمر المصحح"),
    "sex": ("Sex", "الجنس"),
    "female": ("Female", "أنثى"),
    "male": ("Male", "ذكر"),
    "other": ("Other", "آخر"),
    "unknown": ("Not known", "غير معروف"),
    "handedness": ("Handedness", "اليد المفضلة"),
    "mixed": ("Mixed", "مختلطة"),
    "not_established": ("Not established", "غير محددة بعد"),
    "height": ("Height", "الطول"),
    "weight": ("Weight", "الوزن"),
    "weeks": ("Weeks of pregnancy", "أسابيع الحمل"),
    "identifier": ("Patient or school number", "رقم المريض أو المدرسة"),
    "assessor": ("Assessor", "الفاحص"),
    "site": ("Site", "الموقع"),
    "protocol": ("Protocol", "البروتوكول"),
    "version": ("version\u00a0{number}", "الإصدار\u00a0{number}"),
    "consent": ("Consent", "الموافقة"),
    "given": ("Given", "أُعطيت"),
    "consent_refused": ("Refused", "مرفوضة"),
    "withdrawn": ("Withdrawn", "مسحوبة"),
    "date": ("Date", "التاريخ"),
    "visit": ("Visit", "الزيارة"),
    "first_visit": ("First visit", "الزيارة الأولى"),
    "follow_up": ("Follow-up {number}", "متابعة {number}"),
    "comma": (", ", "، "),
    "no_sessions": ("No sessions on this day.", "لا جلسات في هذا اليوم."),
    "change": ("Change since the first", "التغير منذ الأولى"),
    "noise": ("within measurement noise", "ضمن خطأ القياس"),
    "tasks": ("Tasks", "المهام"),
    "task": ("Task", "المهمة"),
    "side": ("Side", "الجانب"),
    "left": ("Left", "يسار"),
    "right": ("Right", "يمين"),
    "both": ("Both", "كلاهما"),
    "trial": ("Trial", "المحاولة"),
    "practice": ("practice, not scored", "تدريب، لا يُحتسب"),
    "result": ("Result", "النتيجة"),
    "success": ("Success", "نجاح"),
    "partial": ("Partial", "جزئي"),
    "failed": ("Failed", "لم ينجح"),
    "not_tested": ("Not tested", "لم يُختبر"),
    "refused": ("Refused", "رفض"),
    "unrated": ("Not rated", "لم يُقيَّم"),
    "to_do": ("Not done", "لم يُنفَّذ"),
    "time": ("Time", "الزمن"),
    "measured": ("Measured", "القياس"),
    "value": ("Value", "القيمة"),
    "range": ("Range", "المدى"),
    "possible": ("possible {range}", "ممكن {range}"),
    "expected": ("expected {range}", "متوقع {range}"),
    "within": ("within range", "ضمن المدى"),
    "below": ("below range", "دون المدى"),
    "above": ("above range", "فوق المدى"),
    "best": ("best", "الأفضل"),
    "mean": ("mean {value}", "المتوسط {value}"),
    "modified": ("modified", "معدّل"),
    "modified_administration": ("Modified administration: {how}", "تطبيق معدّل: {how}"),
    "kept_because": ("Kept although odd: {why}", "أُبقيت رغم غرابتها: {why}"),
    "note": ("Note: {text}", "ملاحظة: {text}"),
    "notes": ("Notes", "ملاحظات"),
    "earlier": ("Over the visits", "عبر الزيارات"),
    "chart_alt": (
        "{metric} over {count} visits, from {first} on {first_day} to {last} on {last_day}",
        "{metric} عبر {count} زيارات، من {first} في {first_day} إلى {last} في {last_day}",
    ),
    "no_tasks": ("No tasks were recorded.", "لم تُسجَّل أي مهام."),
    "finished": ("Finished", "مكتملة"),
    "open": ("Not finished", "غير مكتملة"),
    "signed_elsewhere": (
        "Signed off by {who}, {day}, as a file says",
        "وقّعها {who}، {day}، حسب ملف",
    ),
    "signed_off": ("Signed off by {who}, {day}", "وقّعها {who}، {day}"),
    "sign_off_changed": ("Changed after it was signed off", "عُدّلت بعد التوقيع"),
    "done_of": ("{done} of {total} tasks", "{done} من {total} مهام"),
    "content": ("Content", "المحتوى"),
    "trail": ("Audit trail", "سجل التدقيق"),
    "made": (
        "Made {when} by {who} with Kinelog {version}",
        "أُعدّ في {when} بواسطة {who} باستخدام Kinelog {version}",
    ),
    "page": ("Page {page} of {pages}", "صفحة {page} من {pages}"),
    "years_months": ("{age} years", "{age} سنوات"),
    "years": ("{years} years", "{years} سنوات"),
    "deidentified": ("De-identified", "بدون هوية"),
    # The family's letter
    "dear": ("Dear family of {name},", "عائلة {name} العزيزة،"),
    "dear_family": ("Dear family,", "العائلة العزيزة،"),
    "we_met": (
        "On {day} we looked together at how {name} moves. Here is what we did, in plain words.",
        "في {day} نظرنا معًا إلى كيفية حركة {name}. إليكم ما فعلناه بكلمات بسيطة.",
    ),
    "went_success": ("went well", "سار بشكل جيد"),
    "went_partial": ("went partly well", "سار بشكل جيد جزئيًا"),
    "went_failed": ("was still difficult", "كان لا يزال صعبًا"),
    "went_not_tested": ("was not done this time", "لم يُجرَ هذه المرة"),
    "went_refused": ("was not wanted this time", "لم يرغب فيه هذه المرة"),
    "went_differs": ("went differently from try to try", "اختلف من محاولة إلى أخرى"),
    "with_help": ("with some help", "مع بعض المساعدة"),
    "one_day": (
        "A child has good and less good days. One visit alone says little; the visits together show the way.",
        "لكل طفل أيام جيدة وأخرى أقل. زيارة واحدة وحدها لا تقول الكثير، أما الزيارات معًا فتُظهر الطريق.",
    ),
    "ask_us": (
        "Please ask us whatever you want to know. We are glad to explain.",
        "يُرجى سؤالنا عن كل ما تريدون معرفته. يسعدنا أن نشرح.",
    ),
    "kind_regards": ("With kind regards", "مع أطيب التحيات"),
}
_MONTHS: Mapping[str, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "ar": (
        "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو",
        "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
    ),
}  # fmt: skip


def words(language: Language) -> Mapping[str, str]:
    """Return all words in one language; KeyError for another than "en" and "ar"."""
    place = get_args(Language).index(language)
    return MappingProxyType({key: said[place] for key, said in _WORDS.items()})


def written_day(day: date, language: Language) -> str:
    """Return a date as "23 Nov 2025", with Latin digits in every language."""
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"
