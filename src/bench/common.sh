# What the scripts beside this file share. To be sourced, by a script that has set `bench`, its own directory, and `name`.
set -euo pipefail
export LC_ALL=C

project=$(cd "$bench/../.." && pwd)

connections=64
# One thread of wrk ends at about 97,000 requests a second here, and every quicker subject with it.
threads=$(nproc)

# The reason is printed at the end, below the logs.
reason=''
die() {
    reason="$name: $*"
    exit 1
}
trap '[ -z "$reason" ] || echo "$reason" >&2' EXIT

usage_error() {
    echo "$name: $*; see --help" >&2
    exit 2
}

positive() {
    [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || usage_error "$1 takes a whole number from 1, not '$2'"
}

# The file as an absolute path: existing PATH
existing() {
    [ -f "$1" ] || usage_error "there is no $1"
    echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"
}

# Ends with status 2 if a command is missing: require PACKAGE:COMMAND...
require() {
    local package missing=()
    for package in "$@"; do
        command -v "${package#*:}" >/dev/null || missing+=("${package%:*}")
    done
    if [ ${#missing[@]} -gt 0 ]; then
        echo "$name: not installed; on Debian: apt-get install ${missing[*]}" >&2
        exit 2
    fi
}

# What configures a Weir or a JVM elsewhere has no say here.
unset "${!REDIS_@}" "${!WEIR_@}" "${!QUARKUS_@}" JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS

# Sets `java_home`: Maven's own line on the JDK that it runs on, and mvnw sees to it that this is one of 25 or later.
find_jdk() {
    java_home=$("$project/mvnw" -v | sed -n 's/^Java version:.*runtime: //p')
    [ -x "$java_home/bin/java" ] || die "mvnw -v names no JDK"
}

# --- Processes -------------------------------------------------------------------------------------------------------

pids=()
clean_up() {
    status=$?
    trap - EXIT INT TERM
    if [ "$status" -ne 0 ] && [ "$status" -lt 128 ]; then
        for log in "$tmp"/*.log; do
            [ ! -s "$log" ] || { echo "--- ${log##*/}, its last lines" && tail -n 20 "$log"; } >&2
        done
    fi
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    rm -rf "$tmp"
    [ -z "$reason" ] || echo "$reason" >&2
    exit "$status"
}

# Goes to a directory that is there for this run alone, and has everything ended and removed with it.
work_in_tmp() {
    tmp=$(mktemp -d)
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    cd "$tmp"
}

# Sets `port` to one below those that the system gives to clients, on which nobody listens.
free_port() {
    while port=$((20000 + RANDOM % 12000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
}

# Starts the command as a process of its own: start NAME COMMAND...; the process is then `started`.
start() {
    "${@:2}" >"$1.log" 2>&1 &
    started=$!
    pids+=("$started")
}

# Waits up to 60 seconds until the command succeeds: await NAME COMMAND...
await() {
    local name_of_it=$1 end=$((SECONDS + 60))
    shift
    until "$@" >/dev/null 2>&1; do
        kill -0 "$started" 2>/dev/null || die "$name_of_it ended as it started"
        [ "$SECONDS" -lt "$end" ] || die "$name_of_it does not answer"
        sleep 0.1
    done
}

redis() { redis-cli -h 127.0.0.1 -p "$redis_port" "$@"; }
redis_is_ours() { redis info server | grep -q "^process_id:$started"; }
redis_commands() { redis info stats | tr -d '\r' | sed -n 's/^total_commands_processed://p'; }

start_redis() {
    free_port && redis_port=$port
    start redis redis-server --bind 127.0.0.1 --port "$redis_port" --save "" --appendonly no --maxmemory 512mb \
        --dir "$tmp" --loglevel warning
    await redis-server redis_is_ours
}

# The busy share of all cores in per cent, over three seconds.
busy_share() {
    local before
    before=$(head -n 1 /proc/stat)
    sleep 3
    { echo "$before" && head -n 1 /proc/stat; } | awk '
        { total = 0; for (i = 2; i <= NF; i++) total += $i; idle = $5 + $6 }
        NR == 1 { first_total = total; first_idle = idle }
        END { printf "%.0f", 100 - 100 * (idle - first_idle) / (total - first_total) }'
}

# Sets `busy`, and warns if it is more than a little.
note_busy() {
    busy=$(busy_share)
    [ "$busy" -lt 10 ] || echo "$name: the machine is $busy % busy with something else: the figures will be worth little" >&2
}

# --- Weir ------------------------------------------------------------------------------------------------------------

jvm_options=(
    # The heap of a small container. On two cores no collector stood out from the noise; this one has the cheapest
    # barriers of those that use all cores. (Another one: --java-opts "-XX:-UseParallelGC -XX:+UseG1GC".)
    -Xmx512m -XX:+UseParallelGC
    # What JDK 25 wants to be told before Netty may use what it is fastest with.
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow
    --add-opens=java.base/java.lang=ALL-UNNAMED
)

# Sets `weir_options` for a Weir on this port: weir_options PORT
weir_options() {
    weir_options=(
        -Dquarkus.http.host=127.0.0.1 "-Dquarkus.http.port=$1"
        # Bytes are stored as they come, as Webdis does.
        -Dweir.caches.near.ttl=1h -Dweir.caches.near.near.ttl=1h -Dweir.caches.near.compress-over=1GiB
        -Dweir.caches.shared.ttl=1h -Dweir.caches.shared.near.max-entries=0 -Dweir.caches.shared.compress-over=1GiB
    )
}

# Leaves the body in `answer`, and is true if it came with a status of 2xx.
fetch() { curl -sS -m 5 -o answer -D headers -w '%{http_code}' "$@" >code && [[ $(<code) = 2* ]]; }

# put URL FILE
put() { fetch -X PUT -H 'Content-Type: application/octet-stream' --data-binary "@$2" "$1"; }

# Weir is ready without Redis, too: an entry that went to its memory does not count.
put_to_redis() { put "$1" "$2" && grep -qi '^weir-scope: *shared' headers; }

# Whether an entry is answered from where it is meant to: served_from URL near|shared
served_from() { fetch "$1" && grep -qi '^x-cache: *HIT' headers && grep -qiE "^cache-status:.*; *detail=$2\b" headers; }

# What wrk runs, of the directory of this file.
wrk_script=request.lua

# What else wrk is to be told, such as headers.
wrk_options=()

# Whether every answer is to be a refusal (a status of 4xx), where otherwise none is.
refused=false

# Runs wrk: wrk_on WHAT SECONDS URL [ARGUMENT]...; sets `line` to requests, microseconds, p50 and p99, Redis commands.
wrk_on() {
    local what=$1 wrk errors expected='0 0 0 0 0' commands
    commands=$(redis_commands)
    wrk "-t$threads" "-c$connections" "-d${2}s" --latency -s "$bench/$wrk_script" "${wrk_options[@]}" \
        "$3" -- "${@:4}" >wrk.log 2>&1 &
    # Waited for as a job, so that a signal ends the run at once.
    wrk=$!
    pids+=("$wrk")
    wait "$wrk" || die "wrk failed on $what"
    unset 'pids[-1]'
    line=$(sed -n 's/^measured //p' wrk.log)
    errors=$(cut -d' ' -f5- <<<"$line")
    line="$(cut -d' ' -f1-4 <<<"$line") $(($(redis_commands) - commands))"
    ! $refused || expected="0 0 0 0 ${line%% *}"
    [ "$errors" = "$expected" ] ||
        die "$what: errors of connect, read, write, timeout, status: ${errors:-wrk reported nothing}"
    [ "${line%% *}" -gt 0 ] || die "$what: not one answer"
}

# --- Report ----------------------------------------------------------------------------------------------------------

# Of the numbers on standard input, one a line: median, lowest, highest, in the format given.
summary() {
    sort -g | awk -v format="$1" '
        { value[NR] = $1 }
        END {
            median = NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2
            printf format, median, value[1], value[NR]
        }'
}

java_property() { sed -n "s/^ *$1 = //p" java.properties; }

# The machine and what runs on it, in a line: machine [MORE]
machine() {
    local cpu
    cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
    "$java_home/bin/java" -XshowSettings:properties -version 2>java.properties
    echo "$(date -u +%F), $(nproc) cores of ${cpu:-$(uname -m)}," \
        "JDK $(java_property java.runtime.version) of $(java_property java.vendor)," \
        "Redis $(redis info server | tr -d '\r' | sed -n 's/^redis_version://p'),${1:+ $1,}" \
        "$({ wrk -v 2>&1 || true; } | sed -n '1s/^\(wrk [^ ]*\).*/\1/p')," \
        "$busy % busy before"
}
