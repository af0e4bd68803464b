"""Which folders are no safe place for a history."""

from __future__ import annotations

from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from studio.storage.drives import Drive, drive_of


@pytest.mark.parametrize(
    "path",
    [
        PureWindowsPath(r"C:\Users\lin\OneDrive\moda"),
        PureWindowsPath(r"C:\Users\lin\OneDrive - Company\moda"),
        PureWindowsPath(r"D:\我的坚果云\studio"),
        PureWindowsPath(r"D:\Nutstore\1\studio"),
        PureWindowsPath(r"D:\BaiduSyncdisk\studio"),
        PureWindowsPath(r"C:\Users\lin\iCloudDrive\studio"),
        PurePosixPath("/home/lin/Dropbox/moda"),
        PurePosixPath("/home/lin/Dropbox (Personal)/moda"),
        PurePosixPath("/Users/lin/Library/CloudStorage/GoogleDrive-lin@example.com/My Drive/m"),
        PurePosixPath("/Users/lin/Library/Mobile Documents/com~apple~CloudDocs/m"),
        PurePosixPath("/home/lin/百度网盘/m"),
    ],
    ids=str,
)
def test_a_folder_that_is_synchronised_is_known_by_its_name(path: PurePath) -> None:
    assert drive_of(path, "ext4") is Drive.CLOUD


@pytest.mark.parametrize(
    ("path", "file_system"),
    [
        (PureWindowsPath(r"\\server\share\moda"), "NTFS"),
        (PureWindowsPath(r"\\?\UNC\server\share\moda"), "NTFS"),
        (PurePosixPath("/mnt/nas"), "nfs4"),
        (PurePosixPath("/mnt/nas"), "cifs"),
        (PurePosixPath("/Volumes/nas"), "smbfs"),
        (PurePosixPath("/mnt/nas"), "fuse.sshfs"),
        (PurePosixPath("/run/user/1000/gvfs/smb-share"), "fuse.gvfsd-fuse"),
        (PurePosixPath("/mnt/host"), "9p"),
    ],
    ids=str,
)
def test_a_folder_across_a_network_is_known_by_its_file_system(
    path: PurePath, file_system: str
) -> None:
    assert drive_of(path, file_system) is Drive.NETWORK


@pytest.mark.parametrize(
    ("path", "file_system"),
    [
        (PureWindowsPath(r"C:\Users\lin\AppData\Local\moda-studio"), "NTFS"),
        (PureWindowsPath(r"\\?\C:\Users\lin\moda"), "NTFS"),
        (PurePosixPath("/home/lin/.local/share/moda-studio"), "ext4"),
        (PurePosixPath("/home/lin/Dropboxes/moda"), "btrfs"),
        (PurePosixPath("/home/onedriver/moda"), "ext4"),
        (PurePosixPath("/media/disk"), "fuseblk"),
        (PurePosixPath("/media/disk"), "fuse.ntfs-3g"),
        (PurePosixPath("/home/lin/secret"), "fuse.gocryptfs"),
        (PurePosixPath("/Users/lin/data"), "apfs"),
        (PurePosixPath("/tmp/x"), ""),
    ],
    ids=str,
)
def test_a_folder_of_this_computer_is_local(path: PurePath, file_system: str) -> None:
    assert drive_of(path, file_system) is Drive.LOCAL


def test_a_mounted_cloud_is_one() -> None:
    assert drive_of(Path("/mnt/drive"), "fuse.rclone") is Drive.CLOUD
