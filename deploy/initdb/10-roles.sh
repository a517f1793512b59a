#!/bin/bash
# The three roles of docs/operations.md and the database, made once with the cluster. The owner bypasses row level
# security because a migration or a dump that a policy filters does nothing and reports success; web and workers never
# connect as the owner.
set -euo pipefail
secret() { cat "${SECRETS:-/run/secrets}/$1_password"; }
psql -v ON_ERROR_STOP=1 --username "${PGUSER:-postgres}" --dbname postgres \
    -v owner="$(secret owner)" -v app="$(secret app)" -v timers="$(secret timers)" <<'SQL'
CREATE ROLE mainstay_owner LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB BYPASSRLS PASSWORD :'owner';
CREATE ROLE mainstay_app LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS PASSWORD :'app';
CREATE ROLE mainstay_timers LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS PASSWORD :'timers';
CREATE DATABASE mainstay OWNER mainstay_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
SQL
