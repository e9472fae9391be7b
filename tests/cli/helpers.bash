# shellcheck shell=bash
# What the command line's tests share, and ./dev demo with them. Needs COURANT, COURANT_SIM and COURANT_DATADIR.

unset CI GITHUB_ACTIONS NO_COLOR # the number of workers and the colours follow them
export REDDIT_CLIENT_ID=demo REDDIT_CLIENT_SECRET=demo # the simulated Reddit takes any

sim_world=${BASH_SOURCE[0]%/*}/../../sim/world

# start_sim [ARGUMENT...]: the simulated internet on a free port; sets sim_port and sim_pid.
start_sim() {
  local line
  exec {sim_output}< <(exec "$COURANT_SIM" --port 0 "$@" 3>&-)
  sim_pid=$!
  read -r -t 20 -u "$sim_output" line || {
    echo "courant-sim said nothing in 20 s" >&2
    return 1
  }
  sim_port=${line##*:}
  [[ $line == "courant-sim: listening on 127.0.0.1:"* && $sim_port == +([0-9]) ]] || {
    echo "courant-sim said: $line" >&2
    return 1
  }
}

stop_sim() {
  [[ -n ${sim_pid:-} ]] || return 0
  kill "$sim_pid" 2>/dev/null || true
  wait "$sim_pid" 2>/dev/null || true
  exec {sim_output}<&-
  unset sim_pid
}

# make_workspace FOLDER: a workspace with the bundled world's configuration, for the running simulator.
make_workspace() {
  mkdir -p "$1"
  sed "s/%PORT%/$sim_port/g" "$sim_world/courant.yaml" >"$1/courant.yaml"
}

# ask_sim [CURL ARGUMENT...] PATH: asks the running simulator something
ask_sim() {
  curl -sS --fail --max-time 20 "${@:1:$#-1}" "http://127.0.0.1:$sim_port${*: -1}"
}

# page_requests: how many pages and robots.txt the simulator was asked for
page_requests() {
  ask_sim /_sim/log | grep -vE '"path":"/(api/|r/|search/|[^"]*\.(json|xml)")' | grep -c . || true
}

# tree_sha FOLDER: one digest of all names and contents below it
tree_sha() {
  (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
}
