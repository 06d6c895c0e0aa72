#!/bin/busybox sh
# The first process of a machine with two slots, and its boot loader: starts the first slot of the list on the shared disk that
# has tries left, and takes one away. A system that does not come up, or is never marked good, loses its tries.
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
until [ -e /dev/vdc ] || [ "$tries" -eq 100 ]; do
    tries=$((tries + 1))
    usleep 100000
done
mkdir -p /system /data
mount -t ext4 /dev/vdc /data || echo "begin: the shared disk cannot be mounted"
chosen=
for slot in $(cat /data/boot/order); do
    left=$(cat "/data/boot/$slot")
    if [ -z "$chosen" ] && [ "$left" -gt 0 ]; then
        echo $((left - 1)) >"/data/boot/$slot"
        chosen=$slot
    fi
done
umount /data
case $chosen in
    A) disk=/dev/vda ;;
    B) disk=/dev/vdb ;;
    *) echo 'begin: no slot has tries left'; poweroff -f ;;
esac
if ! mount -t ext4 "$disk" /system; then
    echo "begin: the system of $chosen cannot be mounted"
    reboot -f
fi
echo "begin: slot $chosen"
# As a boot loader gives it to the kernel.
sed "s/\$/ rauc.slot=$chosen/" /proc/cmdline >/cmdline
mount -o move /proc /system/proc
mount -o move /sys /system/sys
mount -o move /dev /system/dev
mount -o bind /cmdline /system/proc/cmdline
exec switch_root /system /sbin/init
