# Shared by the scripts beside this folder; sourced, not run.
# Everything they make lies under $CONNECT_SERVICES, by default .services in the repository, which git ignores.

REPOSITORY=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
PARTS=$REPOSITORY/dev/services/parts
SERVICES=${CONNECT_SERVICES:-$REPOSITORY/.services}
# Kafka's jars, fetched once for all services.
JARS=$SERVICES/jars
mkdir -p "$SERVICES"

die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# Installs Debian packages for the commands that are missing: need COMMAND PACKAGE [COMMAND PACKAGE...]
need() {
    local missing=()
    while [ $# -gt 0 ]; do
        command -v "$1" >/dev/null || missing+=("$2")
        shift 2
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "needs ${missing[*]}, and there is no apt-get to install that with"
    [ "$(id -u)" = 0 ] || die "needs ${missing[*]}: install that, or run as root"
    echo "installing ${missing[*]}" >&2
    (
        exec 8>"$SERVICES/.apt-lock" >&2
        flock 8
        export DEBIAN_FRONTEND=noninteractive
        apt-get -qq update && apt-get -qq -y install --no-install-recommends "${missing[@]}"
    ) || die "could not install ${missing[*]}"
}

need_java() {
    need java default-jre-headless
    local version
    version=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -1)
    [ "${version:-0}" -ge 17 ] || die "Kafka 4 needs Java 17 or newer, found ${version:-no version}"
}

# Fetches the jars unless they are there for this pom.
need_jars() {
    need_java
    exec 8>"$SERVICES/.jars-lock"
    flock 8
    if ! cmp -s "$PARTS/pom.xml" "$JARS/pom.xml"; then
        need mvn maven
        echo "fetching Kafka's jars" >&2
        rm -rf "$JARS"
        mvn -q -B -Dstyle.color=never -f "$PARTS/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
            -DoutputDirectory="$JARS" >&2 || die "could not fetch Kafka's jars"
        cp "$PARTS/pom.xml" "$JARS/pom.xml"
    fi
    exec 8>&-
}

# Builds the worker, and prints where it is. With the features of the whole workspace and of what examples need, as dev/test
# builds: so nothing is built twice.
build_connect() {
    cd "$REPOSITORY"
    cargo build --locked --quiet --workspace --all-features --bin connect --example offsets_topic >&2 || return 1
    cargo metadata --format-version 1 --no-deps --locked |
        sed -n 's/.*"target_directory":"\([^"]*\)".*/\1\/debug\/connect/p'
}

# Whether the process of a folder's pid file runs. The start time guards against a pid given out again.
running() {
    local pid began
    # Of what ended at once nothing is known.
    read -r pid began 2>/dev/null <"$1/pid" && [ -n "$began" ] && [ "$(started_at "$pid")" = "$began" ]
}

started_at() {
    # Behind the command's name, which may hold blanks, the start time is the 20th field. A zombie has ended.
    sed -n 's/.*) //p' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'
}

pid_of() {
    cut -d' ' -f1 "$1/pid"
}

# Runs a command in the background, on its own: launch FOLDER COMMAND...; its output goes to FOLDER/log.
launch() {
    local folder=$1 pid
    shift
    # No lock of ours may live on in it.
    setsid "$@" >>"$folder/log" 2>&1 </dev/null 7>&- 8>&- 9>&- &
    pid=$!
    echo "$pid $(started_at "$pid")" >"$folder/pid"
}

# Ends the process of a folder: end FOLDER [TERM|KILL].
end() {
    local folder=$1 signal=${2:-TERM} pid waited=0
    if running "$folder"; then
        pid=$(pid_of "$folder")
        kill "-$signal" "$pid" || true
        while running "$folder"; do
            sleep 0.1
            waited=$((waited + 1))
            [ "$waited" != 1200 ] || kill -KILL "$pid" || true
        done
    fi
    rm -f "$folder/pid"
}

# Waits until a check says yes: wait_until FOLDER SECONDS COMMAND...; fails when the process ends or the time is over.
wait_until() {
    local folder=$1 deadline=$((SECONDS + $2))
    shift 2
    until "$@"; do
        running "$folder" || return 1
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# Whether nothing listens on a port of the loopback address.
is_free() {
    ! (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Prints the first of N neighbouring free ports, below those that the kernel gives to clients.
free_ports() {
    local count=$1 first at
    for _ in $(seq 200); do
        first=$((20000 + RANDOM % 12000))
        for at in $(seq "$first" $((first + count - 1))); do
            is_free "$at" || continue 2
        done
        echo "$first"
        return 0
    done
    die "found no $count free ports side by side"
}
