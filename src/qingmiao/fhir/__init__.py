"""FHIR R4 (4.0.1) as this house speaks it: reading, checking and writing resources, searches, bundles, outcomes.

Pure: no clock, no database, no network. What a resource is made of stands in `data/elements.csv`; what the county's
records become is said by `site/web/api/fhir`.
"""
