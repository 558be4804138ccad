"""The portal's own database role: it reads the shelf, and nothing else of the database.

It is made again whenever the site starts, so that a restored or moved database has it. Where the site's own user may
make no roles, an administrator makes it once (docs/how-to/run-the-site.md); without it the portal is not there.
"""

from __future__ import annotations

import logging

from django.db import ProgrammingError, connection, transaction

ROLE = "qingmiao_portal"
TABLES = ("shelf_publicedition", "shelf_publicitem")
EXISTS = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
    CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS
      CONNECTION LIMIT 60;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
ALTER ROLE {ROLE} SET default_transaction_read_only = on;
ALTER ROLE {ROLE} SET statement_timeout = '5s';
"""
GRANTS = f"""
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {ROLE};
REVOKE CREATE ON SCHEMA public FROM {ROLE};
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT ON {", ".join(TABLES)} TO {ROLE};
"""
log = logging.getLogger("qingmiao.shelf")


def grant() -> None:
    """The role is there and may read the two tables of the shelf, whatever it may have been given besides."""
    for statement in (EXISTS, GRANTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        except ProgrammingError as why:
            log.warning("the portal's role %s: %s", ROLE, why)


def after_migrating(**_: object) -> None:
    """The receiver of Django's signal."""
    if connection.vendor == "postgresql":
        grant()
