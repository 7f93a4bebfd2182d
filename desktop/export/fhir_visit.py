"""A session in FHIR: the child, who assessed, the visit with what was measured of the body, and where it comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from desktop.export.fhir_parts import (
    HL7,
    LOINC,
    Part,
    coding,
    concept,
    local,
    notes,
    other_id,
    period,
    reference,
    system,
    written,
)
from desktop.export.snapshot import Exported, Made
from desktop.export.trees import Tree
from desktop.export.ucum import quantity

_AMBULATORY = coding(f"{HL7}/v3-ActCode", "AMB", "ambulatory")
_VITAL_SIGNS = concept(f"{HL7}/observation-category", "vital-signs", display="Vital Signs")
_PARTICIPANT = f"{HL7}/provenance-participant-type"
_MASKED = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}


def patient(tree: Tree, *, deidentified: bool) -> Part:
    """Return the child; in a de-identified export nothing but the pseudonym and the sex."""
    found: Part = {
        "resourceType": "Patient",
        "id": tree["child_id"],
        "identifier": [{"system": system("child-code"), "value": tree["child_code"]}],
    }
    if tree["child_sex"]:
        found["gender"] = tree["child_sex"]
    if deidentified:
        return found
    if tree["child_identifier"]:
        number = {"system": system("child-identifier"), "value": written(tree["child_identifier"])}
        found["identifier"].append(number)
    if tree["child_date_of_birth"]:
        found["birthDate"] = tree["child_date_of_birth"]
    return {**found, "name": [{"text": written(tree["child_name"])}]}


def practitioner(person_id: str, name: str) -> Part:
    """Return somebody who assesses; `name` is "" where it is not known."""
    found: Part = {"resourceType": "Practitioner", "id": person_id}
    return {**found, "name": [{"text": written(name)}]} if written(name) else found


@dataclass(frozen=True)
class Visit:
    """One session, and what all its resources say of whom, of what and when."""

    exported: Exported
    words: Mapping[str, str]
    deidentified: bool

    @property
    def common(self) -> Part:
        """Of whom and of which visit a resource is."""
        tree = self.exported.tree
        return {"subject": reference(tree["child_id"]), "encounter": reference(tree["id"])}

    @property
    def assessor(self) -> Part | None:
        """Who assessed, None where nobody is named."""
        found = self.exported.tree["assessor"]
        return reference(found) if found else None

    @property
    def effective(self) -> Part:
        """When an Observation was made, where nothing closer is known; nothing without dates."""
        tree = self.exported.tree
        if not tree["started_at"]:
            return {}
        return {"effectiveDateTime": local(tree["started_at"], tree["utc_offset_minutes"])}

    def encounter(self) -> Part:
        """Return the visit itself."""
        tree = self.exported.tree
        made: Part = {
            "resourceType": "Encounter",
            "id": tree["id"],
            "status": self._status(),
            "class": _AMBULATORY,
            "type": [
                concept(
                    system("session-type"),
                    tree["session_type"],
                    text=f"{self.words['visit']} {self.exported.visit}",
                )
            ],
            "subject": reference(tree["child_id"]),
        }
        if self.assessor:
            made["participant"] = [{"individual": self.assessor}]
        if tree["started_at"]:
            made["period"] = period(tree["started_at"], tree["completed_at"], tree["utc_offset_minutes"])
        if written(tree["site"]):
            made["location"] = [{"location": {"display": written(tree["site"])}}]
        return made

    def observations(self) -> Iterable[Part]:
        """Give what was measured of the body, the age, and the notes on the session."""
        tree = self.exported.tree
        for name, code, display, unit in _BODY:
            if tree[f"child_{name}_{unit}"] is not None:
                loinc = concept(LOINC, code, display=display, text=self.words[name])
                yield {
                    **self._observation(name, loinc),
                    "category": [_VITAL_SIGNS],
                    "valueQuantity": quantity(tree[f"child_{name}_{unit}"], unit),
                    # HL7's profile of vital signs wants to know when, or why that is not told.
                    **(self.effective or {"_effectiveDateTime": {"extension": [_MASKED]}}),
                    **notes(written(tree["remark"])),
                }
        age = concept(LOINC, "30525-0", display="Age", text=self.words["age"])
        yield {**self._observation("age", age), "valueQuantity": quantity(self.exported.age_months, "mo")}
        if written(tree["notes"]):
            said = concept(system("field"), "session_notes", text=self.words["notes"])
            yield {**self._observation("notes", said), "valueString": written(tree["notes"])}

    def provenance(self, made: Made, targets: Iterable[Part]) -> Part:
        """Return where the session's resources come from: the program, the assessor, and the record they are made of.

        The record is named by its content hash, its protocol and the end of the audit trail.
        """
        tree = self.exported.tree
        facts = {
            "content-hash": self.exported.content_hash,
            "protocol": f"{tree['protocol_name']}|{tree['protocol_version']}"
            if tree["protocol_name"]
            else "",
            "recorded-with": tree["app_version"],
            "audit-tail": made.audit_tail,
        }
        return {
            "resourceType": "Provenance",
            "id": other_id(tree["id"], "provenance"),
            "target": [reference(target["id"]) for target in targets],
            "recorded": made.made_at.isoformat(),
            "agent": list(self._agents(made)),
            "entity": [
                {"role": "source", "what": {"identifier": {"system": system(name), "value": written(fact)}}}
                for name, fact in facts.items()
                if fact
            ],
        }

    def _agents(self, made: Made) -> Iterable[Part]:
        program: Part = {
            "type": concept(_PARTICIPANT, "assembler", display="Assembler"),
            "who": {
                "identifier": {"system": system("application"), "value": made.app_version},
                "display": f"Kinelog {made.app_version}",
            },
        }
        if written(made.made_by) and not self.deidentified:
            program["onBehalfOf"] = {"display": written(made.made_by)}
        yield program
        if self.assessor:
            yield {"type": concept(_PARTICIPANT, "author", display="Author"), "who": self.assessor}

    def _status(self) -> str:
        """Return whether the visit is over; without dates only the results can tell."""
        tree = self.exported.tree
        if not self.deidentified:
            return "finished" if tree["completed_at"] else "in-progress"
        results = [task["status"] for task in tree["task_results"]]
        return "finished" if results and all(results) else "unknown"

    def _observation(self, name: str, code: Part) -> Part:
        performer = {"performer": [self.assessor]} if self.assessor else {}
        return {
            "resourceType": "Observation",
            "id": other_id(self.exported.tree["id"], name),
            "status": "final",
            "code": code,
            **self.common,
            **self.effective,
            **performer,
        }


_BODY = (("height", "8302-2", "Body height", "cm"), ("weight", "29463-7", "Body weight", "kg"))
