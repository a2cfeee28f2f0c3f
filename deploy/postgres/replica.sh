#!/usr/bin/env bash
# A PostgreSQL that follows the one at PGHOST: a copy of it first, and from then on whatever it does. The slot makes the
# other keep what this one has not read yet.
set -euo pipefail

PGPASSWORD=$(cat "$PGPASSWORD_FILE")
export PGPASSWORD

if [ ! -s "$PGDATA/standby.complete" ]; then
  until psql --dbname=postgres --quiet --command "
    SELECT pg_create_physical_replication_slot('replica')
    WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = 'replica')" >/dev/null; do
    sleep 2
  done
  mkdir -p "$PGDATA"
  find "$PGDATA" -mindepth 1 -delete # what a copy that was interrupted left
  pg_basebackup --pgdata="$PGDATA" --slot=replica --write-recovery-conf --checkpoint=fast
  chmod 700 "$PGDATA"
  echo "copied from $PGHOST" >"$PGDATA/standby.complete"
fi
exec postgres -D "$PGDATA" "$@"
