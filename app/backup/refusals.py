"""What a restore says at the terminal when it cannot go on: a Vietnamese sentence and its English line."""

from __future__ import annotations

from app.backup.archive import BackupNewer, BackupOfOther, MasterMissing
from app.backup.restoring import NotEmpty, Unequal
from app.backup.stream import BackupDamaged, BackupKeyMissing, NotABackup

SENTENCES: dict[type[Exception], tuple[str, str]] = {
    NotABackup: ("Tệp này không phải bản sao lưu của trang.", "This file is not a backup of the site."),
    BackupKeyMissing: (
        "Bản sao lưu dùng khóa {}, không phải khóa ở đây. Gõ bản chép của khóa ấy: python3 run.py keys restore",
        "The backup needs the key {}, which is not here. Type the copy of that key: python3 run.py keys restore",
    ),
    MasterMissing: (
        "Dữ liệu trong bản sao lưu dùng khóa {}, không có ở đây. Gõ bản chép của khóa ấy: python3 run.py keys restore",
        "What is in the backup was sealed by the key {}, which is not here. Type its copy: python3 run.py keys restore",
    ),
    BackupDamaged: (
        "Bản sao lưu bị cắt hoặc bị sửa; không ghi gì vào đây. Hãy dùng bản khác.",
        "The backup was cut or changed; nothing was written here. Use another.",
    ),
    BackupNewer: (
        "Bản sao lưu của phiên bản mới hơn ({}); hãy cài phiên bản ấy.",
        "The backup is of a newer version ({}); install that one.",
    ),
    BackupOfOther: (
        "Bản sao lưu là của cơ sở dữ liệu {}, khác với DATABASE_URL ở đây.",
        "The backup is of a {} database, unlike DATABASE_URL here.",
    ),
    NotEmpty: (
        "Nơi khôi phục đã có dữ liệu, nên không ghi gì. Chuyển {} (hay cơ sở dữ liệu, kho tệp ở nơi khác) đi chỗ khác rồi chạy lại.",
        "There is data already, so nothing was written. Move {} (or a database or store elsewhere) out of the way and run it again.",
    ),
    Unequal: (
        "Đã ghi, nhưng dữ liệu không khớp bản sao lưu: {}. Đừng dùng; xóa đi và khôi phục lại.",
        "It was written, but is not what was backed up: {}. Do not use it; delete it and restore again.",
    ),
}
ALL = tuple(SENTENCES)
