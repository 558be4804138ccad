"""FHIR R4 under /fhir: the same doors and the same audit as the pages."""
