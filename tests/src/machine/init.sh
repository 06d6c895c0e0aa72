#!/bin/busybox sh
# The first process of a small machine: loads the modules of its image, brings up network and disk, and runs /run.sh,
# which each test brings along. When that ends, so does the machine. What is said here is heard on the serial line.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /tmp /run
# As every Debian has it: ALSA's device `default` is shared among those of this group, and cannot be opened without it.
echo audio:x:29: >/etc/group
while read -r module; do
    insmod "/lib/modules/$module" || echo "init: $module cannot be loaded"
done </lib/modules/list
ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
    # What qemu's network gives to its first guest; the machine around it is 10.0.2.2.
    ip address add 10.0.2.15/24 dev eth0
    ip link set eth0 up
fi
if [ -e /dev/vda ]; then
    mkdir -p /var/lib/tilld
    mount -t ext4 /dev/vda /var/lib/tilld || echo "init: the disk cannot be mounted"
fi
sh /run.sh
echo "init: /run.sh ended with $?"
sync
poweroff -f
