# What processes need, for dev/footprint and dev/jdbc-footprint. Linux.

# status PID KEY: what the kernel says of a process, such as VmRSS in kB.
status() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"; }

# run COMMAND...: runs a command to its end, and sets `took` (ms), `peak` (kB) and `cpu` (ms). Its log is log.txt, which is
# printed when it fails.
run() {
    local began pid peaks=0 ticks=0
    began=$(date +%s%N)
    "$@" 2> log.txt &
    pid=$!
    # The kernel's own marks, as long as they can be read; the last reading is the highest.
    while kill -0 "$pid" 2> /dev/null; do
        peaks=$(status "$pid" VmHWM 2> /dev/null || true; echo "$peaks")
        peaks=$(echo "$peaks" | sort -n | tail -n 1)
        ticks=$(awk '{ print $14 + $15 }' "/proc/$pid/stat" 2> /dev/null || true; echo "$ticks")
        ticks=$(echo "$ticks" | sort -n | tail -n 1)
        sleep 0.2
    done
    wait "$pid" || { cat log.txt; exit 1; }
    took=$((($(date +%s%N) - began) / 1000000)) peak=$peaks cpu=$((ticks * 1000 / $(getconf CLK_TCK)))
}
