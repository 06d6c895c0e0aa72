#!/bin/busybox sh
# The first process of a machine whose system is on a disk: loads what the disk needs, adds once what a test brings along
# (everything under /add, at the same place on the disk; services among it are switched on), and lets the system begin.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do
    insmod "/lib/modules/$module" || echo "begin: $module cannot be loaded"
done </lib/modules/list
# The kernel looks at its disks by and by.
tries=0
until [ -e /dev/vda ] || [ "$tries" -eq 100 ]; do
    tries=$((tries + 1))
    usleep 100000
done
mkdir -p /system
mount -t ext4 /dev/vda /system || echo "begin: the disk cannot be mounted"
if [ ! -e /system/etc/begun ]; then
    cp -a /add/. /system/
    for unit in /add/etc/systemd/system/*.service; do
        [ -e "$unit" ] || continue
        ln -sf "${unit#/add}" /system/etc/systemd/system/multi-user.target.wants/
    done
    touch /system/etc/begun
    sync
fi
mount -o move /proc /system/proc
mount -o move /sys /system/sys
mount -o move /dev /system/dev
exec switch_root /system /sbin/init
