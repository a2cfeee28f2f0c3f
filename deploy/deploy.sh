#!/usr/bin/env bash
# Brings a version to the swarm: build, push, check, migrate, roll, verify; and takes it back if it is not well.
#
#     deploy/deploy.sh            the commit that is checked out
#     deploy/deploy.sh RELEASE    one that was built before
#
# On a manager of the swarm, with deploy/production.env. Nothing that runs is touched until the images are there, the new
# version finds no fault with its configuration and its servers, and the tables are ready for it. Migrations are such
# that the old version runs on the new tables, so that taking back needs none.
# Ends with 0; 1: what runs was left alone; 2: the version was taken back; 3: that failed, look at once.
set -euo pipefail
cd "$(dirname "$0")/.."

STACK=peepopay
ROLLED=(web widget worker worker-messages relay beat) # what is ours, and rolls together
POLL_SECONDS=${POLL_SECONDS:-3}
PATIENCE_SECONDS=${PATIENCE_SECONDS:-900}
FILES=()
declare -A SPEC_BEFORE

main() {
  configure "$@"
  exec 9>deploy/.lock
  flock --nonblock 9 || give_up "another deploy.sh is at work."
  if [ -z "${1:-}" ]; then
    build_and_push
  fi
  local first=
  if ! web_is_wanted; then
    first=yes
    step "Starting the servers, before anything of ours runs" start_servers
  fi
  step "Giving the settings to the job" renew_job
  step "Asking the new version whether it could start" run_job check
  step "Preparing the tables" run_job migrate
  remember
  say "Rolling out $RELEASE"
  if roll && runs "$IMAGE" "$RELEASE" && site_is_well; then
    say "$RELEASE is live at $SITE_URL."
  elif [ -n "$first" ]; then
    say "It is not well, and there is no version before it: docker service logs ${STACK}_web"
    exit 3
  else
    take_back
  fi
}

# --- Before anything is touched

configure() {
  [ -r deploy/production.env ] || give_up "there is no deploy/production.env: copy production.example.env."
  set -a
  # shellcheck source=deploy/production.example.env
  . deploy/production.env
  set +a
  settings_are_whole
  RELEASE=${1:-$(git rev-parse --short=12 HEAD)}
  SITE_HOST=${SITE_URL#*://}
  SITE_HOST=${SITE_HOST%%[:/]*}
  DOCKER_GROUP=${DOCKER_GROUP:-$(stat -c %g /var/run/docker.sock 2>/dev/null || echo 999)}
  export RELEASE SITE_HOST DOCKER_GROUP
  FILES=(-c deploy/stack.yml)
  if [ "${POSTGRES:-own}" = own ]; then FILES+=(-c deploy/stack.postgres.yml); fi
  for phase in 2 3; do
    if [ "${PHASE:-1}" -ge "$phase" ]; then FILES+=(-c "deploy/stack.phase$phase.yml"); fi
  done
  if [ "${METRICS:-off}" = on ]; then FILES+=(-c deploy/stack.metrics.yml); fi
  docker node ls >/dev/null 2>&1 || give_up "Docker does not answer here as a manager of a swarm: deploy/README.md, steps 2 and 3."
  # Swarm never changes a config: the stack names each by what is in all of them.
  local whole
  whole=$(docker stack config "${FILES[@]}") || give_up "the stack files don't go together like this."
  secrets_are_there "$whole"
  CONFIGS=$(sed -n 's/^    file: //p' <<<"$whole" | sort -u | xargs -d '\n' cat | sha256sum | cut -c1-12)
  export CONFIGS
}

settings_are_whole() {
  case ${PHASE:-1} in 1 | 2 | 3) ;; *) give_up "PHASE=$PHASE in production.env: there are 1, 2 and 3." ;; esac
  case ${POSTGRES:-own} in own | managed) ;; *) give_up "POSTGRES=$POSTGRES in production.env: there are own and managed." ;; esac
  case ${METRICS:-off} in on | off) ;; *) give_up "METRICS=$METRICS in production.env: there are on and off." ;; esac
  local needed=(IMAGE SITE_URL STRIPE_PUBLISHABLE_KEY DEFAULT_FROM_EMAIL) name
  if [ "${PHASE:-1}" = 3 ]; then needed+=(WIDGET_URL); fi
  for name in "${needed[@]}"; do
    [ -n "${!name:-}" ] || give_up "$name is not set in production.env. Example: $(example "$name")"
  done
}

example() { # NAME
  case $1 in
    WIDGET_URL) echo "WIDGET_URL=https://widget.example.com.au" ;;
    *) grep "^$1=" deploy/production.example.env ;;
  esac
}

secrets_are_there() { # the stack, as one
  local name missing=
  while read -r name; do
    docker secret inspect "$name" </dev/null >/dev/null 2>&1 || missing+=" $name"
  done < <(awk '/^[a-z]/ { part = $1 } part == "secrets:" && $1 == "name:" { print $2 }' <<<"$1")
  [ -z "$missing" ] || give_up "these secrets are not there:$missing. How to make them: deploy/README.md, step 7."
}

build_and_push() {
  [ -z "$(git status --porcelain)" ] || give_up "the checkout has changes that no commit has."
  local target
  for target in app widget pgbouncer; do
    step "Building $target" docker build --file deploy/Dockerfile --target "$target" \
      --build-arg "RELEASE=$RELEASE" --tag "$(image "$target")" .
  done
  for target in app widget pgbouncer; do
    step "Pushing $target" docker push --quiet "$(image "$target")"
  done
}

image() { # TARGET
  case $1 in
    app) echo "$IMAGE:$RELEASE" ;;
    *) echo "$IMAGE-$1:$RELEASE" ;;
  esac
}

start_servers() { # networks, RabbitMQ, Redis and PostgreSQL, and none of ours: the tables are still to be made
  WEB_REPLICAS=0 WIDGET_REPLICAS=0 WORKER_REPLICAS=0 WORKER_MESSAGES_REPLICAS=0 RELAY_REPLICAS=0 BEAT_REPLICAS=0 roll &&
    within_patience all_tasks_run
}

web_is_wanted() { # not so the first time, nor after a first time that went no further than its check
  local replicas
  replicas=$(docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}}' "${STACK}_web" 2>/dev/null) || return 1
  [ "$replicas" != 0 ]
}

renew_job() { # `service update` alone would let it check the settings and secrets of the last roll-out
  docker stack config "${FILES[@]}" |
    awk '/^[a-z]/ { part = $1 } /^  [a-z]/ { name = $1 } /^[a-z]/ || part != "services:" || name == "job:"' |
    docker stack deploy --compose-file - --with-registry-auth --detach=true "$STACK" >/dev/null
}

run_job() { # check or migrate: once, by the new image, where it reaches what web reaches
  local service="${STACK}_job" before
  before=$(docker service ps --no-trunc --quiet "$service" | head -n 1)
  docker service update --quiet --detach=true --force --with-registry-auth \
    --image "$(image app)" --args "$1" --replicas 1 "$service" >/dev/null
  local result=1
  if within_patience job_ended "$service" "$before" && [ "$JOB" = Complete ]; then
    result=0
  else
    docker service logs --raw --no-task-ids --tail 50 "$service" >&2 || true
  fi
  docker service scale --detach=true "$service=0" >/dev/null
  return $result
}

job_ended() { # SERVICE BEFORE: whether the newest task is another than BEFORE, and at its end; JOB is how
  local task state
  read -r task state < <(docker service ps --no-trunc --format '{{.ID}} {{.CurrentState}}' "$1" | head -n 1) || return 1
  [ "$task" != "$2" ] || return 1
  JOB=${state%% *}
  case $JOB in
    Complete | Failed | Rejected | Shutdown | Orphaned) return 0 ;;
    *) return 1 ;;
  esac
}

# --- The roll-out

remember() {
  local service
  for service in "${ROLLED[@]}"; do
    SPEC_BEFORE[$service]=$(spec "$service")
  done
}

spec() { # SERVICE
  docker service inspect --format '{{json .Spec}}' "${STACK}_$1"
}

roll() { # returns when Swarm is through, one way or the other
  timeout "$PATIENCE_SECONDS" docker stack deploy "${FILES[@]}" --with-registry-auth --prune --detach=false "$STACK" >&2
}

runs() { # IMAGE RELEASE: whether every task of ours comes to run that
  within_patience all_tasks_run && all_tasks_are "$1" "$2"
}

all_tasks_run() {
  local counts
  while read -r counts _; do # 2/2, perhaps with "(max 1 per node)" behind it
    [ "${counts%/*}" = "${counts#*/}" ] || return 1
  done < <(docker service ls --filter "label=com.docker.stack.namespace=$STACK" --format '{{.Replicas}}')
}

all_tasks_are() {
  local service image
  for service in "${ROLLED[@]}"; do
    while read -r image; do
      case $image in
        "$1:$2"* | "$1-widget:$2"*) ;;
        *)
          say "$service runs $image: Swarm took the new version back."
          return 1
          ;;
      esac
    done < <(docker service ps --filter desired-state=running --format '{{.Image}}' "${STACK}_$service")
  done
}

site_is_well() { # from outside: pages, the widget, and all that works behind them
  within_patience every_page_answers || {
    say "Not well: $BAD"
    return 1
  }
}

every_page_answers() {
  local path
  BAD=
  for path in /health /health/all /embed.js; do
    curl --fail --silent --show-error --max-time 10 --output /dev/null "$SITE_URL$path" || BAD+="$path "
  done
  [ -z "$BAD" ]
}

take_back() { # what this roll-out changed, and Swarm has not taken back by itself
  say "Taking $RELEASE back"
  local service
  for service in "${ROLLED[@]}"; do
    if [ "$(spec "$service")" != "${SPEC_BEFORE[$service]}" ]; then
      timeout "$PATIENCE_SECONDS" docker service rollback --quiet "${STACK}_$service" >/dev/null ||
        say "$service could not be taken back."
    fi
  done
  if within_patience all_tasks_run && site_is_well; then
    say "$RELEASE was taken back, and what ran before it is well. What it said last: docker service logs ${STACK}_web"
    exit 2
  fi
  say "TAKING BACK FAILED. Look at: docker stack ps --no-trunc $STACK"
  exit 3
}

# --- Words

within_patience() { # COMMAND...: asks again until it is true
  local deadline=$((SECONDS + PATIENCE_SECONDS))
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep "$POLL_SECONDS"
  done
}

step() { # TITLE COMMAND...: what fails here ends it
  say "$1"
  "${@:2}" || give_up "$1: that failed."
}

say() {
  echo "==> $(date +%H:%M:%S) $1" >&2
}

give_up() {
  echo "deploy.sh: $1 What runs was left alone." >&2
  exit 1
}

main "$@"
