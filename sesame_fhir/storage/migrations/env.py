"""Alembic's entry: migrates over the connection that ``storage.migrator`` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
