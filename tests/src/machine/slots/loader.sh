#!/bin/sh
# RAUC's word to the boot loader (RAUC's manual, "Custom Bootloader Backend Interface"), which reads these files.
set -eu
place=/data/boot
other() {
    if [ "$1" = A ]; then echo B; else echo A; fi
}
case $1 in
    get-primary)
        for slot in $(cat "$place/order"); do
            if [ "$(cat "$place/$slot")" -gt 0 ]; then
                echo "$slot"
                exit 0
            fi
        done
        exit 1
        ;;
    set-primary)
        echo "$2 $(other "$2")" >"$place/order"
        echo 3 >"$place/$2"
        ;;
    get-state) if [ "$(cat "$place/$2")" -gt 0 ]; then echo good; else echo bad; fi ;;
    set-state) if [ "$3" = good ]; then echo 3 >"$place/$2"; else echo 0 >"$place/$2"; fi ;;
    *) exit 1 ;;
esac
sync
