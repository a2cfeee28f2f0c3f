#!/usr/bin/env bash
# Fills an empty database from a copy that backup.sh wrote: restore.sh FILE [--replace DATABASE]
#
# Where the database is say PGHOST, PGPORT, PGUSER, PGDATABASE and PGPASSWORD or PGPASSWORD_FILE. A database that is not
# empty is left alone, unless --replace names it: then all that is in it is dropped first. Stop whatever uses it.
# Afterwards run `migrate` of the version that will run, which also writes the limits of its sessions, and
# `manage.py check_invariants`.
set -euo pipefail

file=${1:?a file that backup.sh wrote}
replace=
if [ "${2:-}" = --replace ]; then
  replace=${3:?the name of the database that may be emptied}
fi
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD=$(cat "$PGPASSWORD_FILE")
  export PGPASSWORD
fi

# The role's own limits are for customers' requests.
export PGOPTIONS="${PGOPTIONS:-} -c statement_timeout=0 -c lock_timeout=0"

sql() {
  psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --command "$1"
}

fail() {
  echo "restore.sh: $1" >&2
  exit 1
}

[ -r "$file" ] || fail "there is no file $file."
if [ -r "$file.sha256" ]; then
  (cd "$(dirname "$file")" && sha256sum --check --status "$(basename "$file").sha256") ||
    fail "$file is not what backup.sh wrote: its checksum differs."
fi
pg_restore --list "$file" >/dev/null || fail "$file can't be read."

database=$(sql "SELECT current_database()")
tables=$(sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
if [ "$tables" -gt 0 ]; then
  [ "$replace" = "$database" ] ||
    fail "the database $database is not empty ($tables tables). To lose what is in it: --replace $database"
  sql "DROP SCHEMA public CASCADE"
  sql "CREATE SCHEMA public"
fi

pg_restore --exit-on-error --no-owner --no-privileges --jobs="${JOBS:-2}" --dbname="$database" "$file"
sql "ANALYZE"
echo "restored $(sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") tables into $database"
