"""Alembic's entry: migrates over the connection that ``storage.migrate`` hands in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
