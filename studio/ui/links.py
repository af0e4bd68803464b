"""The one place where an address leaves the program: checked, and shown by its true host first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget


def safe_url(address: str) -> QUrl | None:
    """The address as a URL when it is a plain http(s) one with a host, else None."""
    if any(character.isspace() or ord(character) < 0x20 for character in address.strip()):
        return None
    url = QUrl(address.strip(), QUrl.ParsingMode.StrictMode)
    wanted = url.isValid() and url.scheme().lower() in ("http", "https") and url.host()
    return url if wanted else None


def true_host(url: QUrl) -> str:
    """The host as it is looked up: look-alike letters show as xn--…"""
    ascii_host = bytes(QUrl.toAce(url.host()).data()).decode("ascii", "replace")
    port = f":{url.port()}" if url.port() != -1 else ""
    return (ascii_host or url.host()) + port


def open_url(url: QUrl) -> None:
    """Hand a checked address to the browser."""
    QDesktopServices.openUrl(url)


def open_folder(path: Path) -> None:
    """Show the folder of a file of the user's own in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path if path.is_dir() else path.parent)))


def open_own_page(address: str) -> None:
    """Open a page that the program itself names, without asking."""
    url = safe_url(address)
    if url is not None:
        open_url(url)


def ask_and_open(parent: QWidget, address: str) -> None:
    """Show where a link of a model or a server leads, and open it only when the user says so."""
    url = safe_url(address)
    if url is None:
        return
    translate = QCoreApplication.translate
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(translate("links", "Open a link"))
    box.setText(translate("links", "Open {host} in the browser?").replace("{host}", true_host(url)))
    box.setInformativeText(bytes(url.toEncoded().data()).decode("ascii", "replace")[:500])
    opening = box.addButton(translate("links", "Open"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    opening.clicked.connect(lambda: open_url(url))
    box.open()
