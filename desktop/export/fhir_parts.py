"""The small parts that FHIR resources are made of, as plain dicts."""

import re
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid5

Part = dict[str, Any]
LOINC = "http://loinc.org"
HL7 = "http://terminology.hl7.org/CodeSystem"
_FARTHEST_ZONE = 14 * 60  # minutes; FHIR knows none beyond
# FHIR's strings know these four spaces only.
_OTHER_SPACE = re.compile(r"[^\S \t\r\n]")


def system(name: str) -> str:
    """Return the name of a code system or of identifiers that are Kinelog's own."""
    return f"urn:kinelog:{name}"


def other_id(row_id: str, name: str) -> str:
    """Return the id of a resource that is made beside the record's own: always the same one for the same record."""
    return str(uuid5(UUID(row_id), name))


def reference(row_id: str) -> Part:
    """Return a Reference to a resource of the same Bundle."""
    return {"reference": f"urn:uuid:{row_id}"}


def entry(resource: Part) -> Part:
    """Return the Bundle's entry that creates or replaces a resource under its own id."""
    url = f"{resource['resourceType']}/{resource['id']}"
    return {
        "fullUrl": f"urn:uuid:{resource['id']}",
        "resource": resource,
        "request": {"method": "PUT", "url": url},
    }


def coding(code_system: str, code: str, display: str = "") -> Part:
    """Return a Coding."""
    found = {"system": code_system, "code": code}
    return {**found, "display": display} if display else found


def concept(code_system: str, code: str, *, display: str = "", text: str = "") -> Part:
    """Return a CodeableConcept with one code; `text` is how people say it."""
    found: Part = {"coding": [coding(code_system, code, display)]}
    return {**found, "text": text} if text else found


def absent(reason: str) -> Part:
    """Return why a value is not there, by HL7's code."""
    return concept(f"{HL7}/data-absent-reason", reason)


def written(text: str | None) -> str:
    """Return a text with the spaces that FHIR allows, "" for one that says nothing."""
    found = _OTHER_SPACE.sub(" ", text) if text else ""
    return found if found.strip() else ""


def notes(*texts: str) -> Part:
    """Return the property `note` with those texts that say something; nothing at all when none does."""
    said = [{"text": text} for text in texts if text]
    return {"note": said} if said else {}


def local(instant: str, utc_offset_minutes: int) -> str:
    """Return an instant of a tree as a dateTime in the zone where it was recorded."""
    return _local(datetime.fromisoformat(instant), utc_offset_minutes)


def period(start: str, end: str | None, utc_offset_minutes: int) -> Part:
    """Return a Period; an end before its start, which a wrong clock leaves, is not told."""
    found = {"start": local(start, utc_offset_minutes)}
    return found if end is None or end < start else {**found, "end": local(end, utc_offset_minutes)}


def lasting(start: str, seconds: float | None, utc_offset_minutes: int) -> Part:
    """Return the Period of so many seconds, without an end when its length is not known."""
    found = {"start": local(start, utc_offset_minutes)}
    if seconds is None:
        return found
    try:
        end = datetime.fromisoformat(start) + timedelta(seconds=seconds)
    except OverflowError:
        return found
    return {**found, "end": _local(end, utc_offset_minutes)}


def _local(moment: datetime, utc_offset_minutes: int) -> str:
    if abs(utc_offset_minutes) > _FARTHEST_ZONE:
        return moment.isoformat()
    try:
        return moment.astimezone(timezone(timedelta(minutes=utc_offset_minutes))).isoformat()
    except OverflowError:  # the first and the last day of the calendar
        return moment.isoformat()
