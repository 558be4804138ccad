"""The exchange of health records with another FHIR server: an outbox, what came in, conflicts for a person."""
