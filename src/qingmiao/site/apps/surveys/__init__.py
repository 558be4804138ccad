"""Surveys: a version of a form, who is asked, links and QR codes, answers, response rates; closed surveys become
facts."""
