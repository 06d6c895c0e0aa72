#!/bin/sh
# Makes the disks of a terminal with two slots, and bundles for them, as root: a system's files are root's.
#   disks.sh FOLDER SYSTEM PACKAGE OWNER
# FOLDER has shared/etc, shared/secrets and loader.sh; it gets a.img, b.img and shared.img, which are the OWNER's.
set -eu
work=$1 system=$2 package=$3 owner=$4
compatible='counter of a test'
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
root=$work/root shared=$work/shared
umask 022

certificate=$work/bundles.pem key=$work/bundles.key
openssl req -x509 -days 2 -subj /CN=bundles -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -addext extendedKeyUsage=emailProtection -keyout "$key" -out "$certificate" 2>/dev/null

cp --sparse=always "$system" "$work/a.img"
mkdir "$root"
mount -o loop "$work/a.img" "$root"
trap 'umount "$root"' EXIT
# What a counter with a silent display does not need makes a bundle large.
chroot "$root" dpkg --purge --force-depends espeak-ng libespeak-ng1 espeak-ng-data alsa-utils >/dev/null
cp "$package" "$root/tilld.deb"
chroot "$root" dpkg --install /tilld.deb >&2
rm "$root/tilld.deb"
mkdir -p "$root/data" "$root/etc/rauc" "$root/etc/systemd/system/tilld.service.d"
cat >"$root/etc/fstab" <<FSTAB
/dev/vdc /data ext4 defaults 0 0
/data/etc /etc/tilld none bind 0 0
/data/private /var/lib/private none bind 0 0
/data/update /var/lib/tilld-update none bind 0 0
FSTAB
cat >"$root/etc/rauc/system.conf" <<CONF
[system]
compatible=$compatible
bootloader=custom
bundle-formats=verity
statusfile=/data/rauc.status
[handlers]
bootloader-custom-backend=/usr/lib/loader
[keyring]
path=/etc/rauc/keyring.pem
[slot.rootfs.0]
device=/dev/vda
type=raw
bootname=A
[slot.rootfs.1]
device=/dev/vdb
type=raw
bootname=B
CONF
cp "$certificate" "$root/etc/rauc/keyring.pem"
install -m 755 "$work/loader.sh" "$root/usr/lib/loader"
cp "$root/usr/share/tilld/console.conf" "$root/etc/systemd/system/tilld.service.d/"
{
    echo '[Service]'
    for secret in "$shared"/secrets/*; do
        echo "LoadCredential=${secret##*/}:/data/secrets/${secret##*/}"
    done
} >"$root/etc/systemd/system/tilld.service.d/secrets.conf"
# A test says for how long a terminal may be unwell.
mkdir -p "$root/etc/systemd/system/tilld-update.service.d"
cat >"$root/etc/systemd/system/tilld-update.service.d/patience.conf" <<'UNIT'
[Service]
EnvironmentFile=/data/patience
ExecStart=
ExecStart=/usr/libexec/tilld-update --patience ${SECONDS_LONG}
UNIT
umount "$root"
trap - EXIT

# As small as it can be, with some room for what a system writes.
e2fsck -fy "$work/a.img" >/dev/null || [ $? -lt 4 ]
resize2fs -M "$work/a.img" >/dev/null 2>&1
blocks=$(dumpe2fs -h "$work/a.img" 2>/dev/null | sed -n 's/^Block count: *//p')
resize2fs "$work/a.img" "$((blocks + 8192))" >/dev/null 2>&1
truncate -s "$(((blocks + 8192) * 4096))" "$work/a.img"
truncate -s "$(((blocks + 8192) * 4096))" "$work/b.img"

# bundle NAME IMAGE
bundle() {
    mkdir "$work/$1"
    ln "$2" "$work/$1/system.img" || cp "$2" "$work/$1/system.img"
    cat >"$work/$1/manifest.raucm" <<MANIFEST
[update]
compatible=$compatible
version=$1
[bundle]
format=verity
[image.rootfs]
filename=system.img
MANIFEST
    rauc bundle --cert="$certificate" --key="$key" --mksquashfs-args='-comp zstd -Xcompression-level 3' \
        "$work/$1" "$shared/bundles/$1.raucb" >&2
    rm -r "${work:?}/$1"
}
mkdir -p "$shared/bundles" "$shared/private" "$shared/update" "$shared/boot"
bundle next "$work/a.img"
head -c 4194304 /dev/urandom >"$work/noise.img"
bundle broken "$work/noise.img"
chmod 700 "$shared/private" "$shared/secrets"
chmod 600 "$shared"/secrets/*
echo 'SECONDS_LONG=120' >"$shared/patience"
echo 'A B' >"$shared/boot/order"
echo 3 >"$shared/boot/A"
echo 0 >"$shared/boot/B"
chown -R 0:0 "$shared"
mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 -d "$shared" "$work/shared.img" 700M
rm -r "$shared" "$work/noise.img" "$key"
chown "$owner" "$work"/*.img
