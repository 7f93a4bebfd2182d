"""Reports for people: a PDF for the clinician, a letter for the family, the list of a day."""
