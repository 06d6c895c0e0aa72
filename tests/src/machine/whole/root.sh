#!/bin/sh
# Makes the disk of a whole system: Debian with systemd, the modules of a counter's devices, a network, and a shell for
# tests on the second serial line. Runs as root, because a system's files are. The folder that it works in is new.
#   root.sh FOLDER IMAGE SUITE MIRROR PACKAGES KERNEL-PACKAGE RELEASE SHELL MODULE…
set -eu
kept=$(dirname "$1")/debs root=$1/root image=$2 suite=$3 mirror=$4 packages=$5 kernel=$6 release=$7 shell=$8
shift 8
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
# Packages are kept beside the image, for the day when this recipe changes.
mkdir -p "$kept"
debootstrap --cache-dir="$kept" --variant=minbase --include="$packages" "$suite" "$root" "$mirror" >&2
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* \
    "$root"/usr/share/locale/* "$root"/var/log/*.log

modules=lib/modules/$release
mkdir -p "$root/$modules"
cp "$kernel/$modules"/modules.order "$kernel/$modules"/modules.builtin* "$root/$modules"
for module; do
    install -D -m 644 "$module" "$root/$modules/${module#"$kernel/$modules/"}"
done
chroot "$root" depmod "$release"

echo counter >"$root/etc/hostname"
echo '127.0.0.1 localhost counter' >"$root/etc/hosts"
# What qemu's network gives to its first guest; the machine around it is 10.0.2.2. There are no names.
: >"$root/etc/resolv.conf"
cat >"$root/etc/systemd/network/10-counter.network" <<NETWORK
[Match]
Type=ether
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
NETWORK
units=$root/etc/systemd/system
ln -s /lib/systemd/system/systemd-networkd.service "$units/multi-user.target.wants/"
# What would look for work, or for the network of a building, while a test runs. Looking for what a check of LVM volumes
# left behind is half of the time that the system takes to start, where there is no LVM.
rm -f "$units"/timers.target.wants/* "$units"/*.wants/e2scrub_reap.service
ln -s /dev/null "$units/systemd-networkd-wait-online.service"

install -D -m 755 "$shell" "$root/usr/local/lib/tests-shell"
cat >"$units/tests-shell.service" <<UNIT
[Unit]
Description=Shell of the tests on the second serial line
DefaultDependencies=no
[Service]
ExecStart=/usr/local/lib/tests-shell
StandardInput=tty-force
StandardOutput=tty
StandardError=journal
TTYPath=/dev/ttyS1
Restart=always
UNIT
mkdir -p "$units/sysinit.target.wants"
ln -s ../tests-shell.service "$units/sysinit.target.wants/"

mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 -d "$root" "$image" 768M
