"""Tells folders that another program synchronises, or that lie across a network, from local ones.

SQLite needs locks and ordered writes that such places do not keep: they have cost others their
history. Nothing is forbidden here; the window warns.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath


class Drive(StrEnum):
    """What kind of place a folder is."""

    LOCAL = "local"
    CLOUD = "cloud"
    NETWORK = "network"


# Folders of programs that synchronise, by the beginning of their names.
_CLOUDS = (
    *("onedrive", "dropbox", "google drive", "googledrive", "my drive", "icloud", "icloud drive"),
    *("iclouddrive", "mobile documents", "cloudstorage", "box sync", "pcloud", "nextcloud"),
    *(
        "nutstore",
        "我的坚果云",
        "坚果云",
        "baidusyncdisk",
        "baidunetdisk",
        "百度网盘",
        "百度云同步盘",
    ),
    *("wpsdrive", "wps云盘", "aliyundrive", "阿里云盘"),
)
_NETWORKS = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "afpfs",
        "webdav",
        "davfs",
        "davfs2",
        "9p",
        "afs",
        "ceph",
        "glusterfs",
        "ncpfs",
        "lustre",
        "ocfs2",
        "gfs2",
        "vboxsf",
        "prl_fs",
    ]
)
# FUSE carries both; these are on a disk of this computer.
_LOCAL_FUSE = frozenset(
    [
        "ntfs",
        "ntfs-3g",
        "exfat",
        "ext2",
        "zfs",
        "mergerfs",
        "unionfs",
        "encfs",
        "cryfs",
        "gocryptfs",
        "veracrypt",
        "lxcfs",
        "portal",
        "overlayfs",
        "fuse-overlayfs",
        "bindfs",
    ]
)
_UNC = re.compile(r"^(\\\\|//)(?![?.][\\/])[^\\/]+[\\/]")
_LONG_UNC = re.compile(r"^\\\\\?\\UNC\\", re.IGNORECASE)


def drive_of(path: PurePath, file_system: str = "") -> Drive:
    """What kind of place `path` is, by its names and by the system's word for its file system."""
    shown = str(path)
    if _UNC.match(shown) or _LONG_UNC.match(shown):
        return Drive.NETWORK
    if any(_is_cloud(name.casefold()) for name in path.parts):
        return Drive.CLOUD
    kind = file_system.casefold()
    if kind in _NETWORKS:
        return Drive.NETWORK
    carried = kind.removeprefix("fuse.")
    if kind.startswith("fuse.") and carried not in _LOCAL_FUSE:
        clouds = ("rclone", "google-drive-ocamlfuse", "onedriver", "icloud")
        return Drive.CLOUD if carried.startswith(clouds) else Drive.NETWORK
    return Drive.LOCAL


def _is_cloud(name: str) -> bool:
    """`OneDrive - Company` and `Dropbox (Personal)` are; `Dropboxes` is not."""
    found = (each for each in _CLOUDS if name.startswith(each))
    return any(not name[len(each) : len(each) + 1].isalnum() for each in found)
