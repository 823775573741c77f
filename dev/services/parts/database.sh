# What the scripts of databases share; sourced behind common.sh. A script sets `node`, `server_user`, and the functions
# install, prepare, launch_server, is_ready, env_lines and sql.

# A server must not run as root, and its own user may not be let into the folder of all services.
own() {
    [ "$(id -u)" = 0 ] || return 0
    chown -R "$server_user" "$1"
}

as_server() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec setpriv --reuid="$server_user" --regid="$server_user" --clear-groups "$@")
    else
        "$@"
    fi
}

# The folder of the data: within the node's, or beside it where the server's user can go.
data_folder() {
    local probe=$node/.probe
    mkdir -p "$probe" && own "$probe"
    if as_server test -w "$probe"; then
        echo "$node/data"
    else
        echo "/var/tmp/connect-$(basename "$node")-$(echo "$node" | cksum | cut -d' ' -f1)"
    fi
    rm -rf "$probe"
}

choices() {
    port='' data=''
    [ ! -f "$node/choices" ] || . "$node/choices"
}

start() {
    local wanted='' fresh='' chosen='' attempt
    while [ $# -gt 0 ]; do
        case $1 in
            --port) wanted=${2:?} && shift 2 ;;
            --fresh) fresh=yes && shift ;;
            *) die "unknown option $1; see the head of this file" ;;
        esac
    done
    choices
    if running "$node"; then
        echo "127.0.0.1:$port"
        return
    fi
    install
    mkdir -p "$node"
    [ -z "$fresh" ] || [ -z "$data" ] || rm -rf "$data"
    data=$(data_folder)
    [ -z "$wanted" ] || port=$wanted
    [ -n "$port" ] || chosen=yes
    [ -e "$data" ] || prepare
    # A port that was free when chosen may be taken by the time the server listens.
    for attempt in 1 2 3; do
        [ -z "$chosen" ] || port=$(free_ports 1)
        printf 'port=%q data=%q\n' "$port" "$data" >"$node/choices"
        : >"$node/log"
        launch_server
        if wait_until "$node" 300 is_ready; then
            echo "127.0.0.1:$port"
            return
        fi
        end "$node" KILL
        [ -n "$chosen" ] || break
    done
    tail -n 40 "$node/log" >&2
    die "the server did not start; all it said is in $node/log"
}

# Stop with this signal, which ends sessions and leaves clean data.
database_command() {
    local signal=$1 command=${2:-}
    shift 2 || true
    case $command in
        start | stop | kill | restart | wipe)
            exec 9>"$node.lock"
            flock 9
            ;;
    esac
    case $command in
        start) start "$@" ;;
        stop) end "$node" "$signal" ;;
        kill) end "$node" KILL ;;
        restart) end "$node" "$signal" && start ;;
        wipe) end "$node" "$signal" && choices && rm -rf "${data:-$node/data}" "$node" ;;
        status)
            choices
            if running "$node"; then
                echo "runs as process $(pid_of "$node"), on 127.0.0.1:$port"
            else
                echo "does not run"
                exit 1
            fi
            ;;
        env)
            [ -f "$node/choices" ] || die "no server was started"
            choices
            env_lines
            ;;
        log) cat "$node/log" ;;
        sql) choices && sql "$@" ;;
        *)
            sed -n '2,/^set -euo/p' "$0" | grep '^#' >&2
            exit 2
            ;;
    esac
}
