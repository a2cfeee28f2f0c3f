#!/usr/bin/env bash
# Writes a copy of the whole database, as it is at one moment, into a folder: backup.sh FOLDER [options of pg_dump]
#
# Where the database is say PGHOST, PGPORT, PGUSER, PGDATABASE and PGPASSWORD or PGPASSWORD_FILE. Nothing waits for it.
# Copies older than KEEP_DAYS (14) go, but never the last one. What it prints is the new file.
set -euo pipefail
umask 077

folder=${1:?a folder to write into}
shift
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD=$(cat "$PGPASSWORD_FILE")
  export PGPASSWORD
fi

name=peepopay-$(date -u +%Y%m%dT%H%M%SZ).dump
cd "$folder"
trap 'rm -f "$name.part"' EXIT
pg_dump --format=custom --no-owner --no-privileges --lock-wait-timeout=30s --file="$name.part" "$@"
pg_restore --list "$name.part" >/dev/null # it can be read to its end
mv "$name.part" "$name"
sha256sum "$name" >"$name.sha256"
find . -maxdepth 1 -name 'peepopay-*.dump*' -mtime "+${KEEP_DAYS:-14}" -not -name "$name*" -delete
echo "$folder/$name"
