"""What the doctor's findings mean and what to do, in words for the terminal."""

from __future__ import annotations

from app.doctor import Finding, Level

#: name → what it is about; what to do when it is not well. Vietnamese, English.
SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "settings": ("Cài đặt của trang đang chạy trên", "settings of the site that runs on", "", ""),
    "settings_differ": (
        "Trang đang chạy có cài đặt khác với lệnh này", "the running site has other settings than this command",
        "những dòng dưới theo cài đặt của lệnh này; chạy bằng cài đặt của dịch vụ: y-kien doctor, xem deploy/y-kien",
        "what follows is of this command's settings; run it on those of the service: y-kien doctor, see deploy/y-kien",
    ),
    "site_none": (
        "Không có trang nào chạy trên", "no site runs on",
        "nếu trang chạy như dịch vụ, nó có cài đặt khác: y-kien doctor, xem deploy/y-kien",
        "a site that runs as a service has other settings: y-kien doctor, see deploy/y-kien",
    ),
    "site_of_another": (
        "Người khác chạy trang, không xem được cài đặt", "somebody else runs the site, its settings cannot be seen",
        "chạy bằng người dùng của dịch vụ: y-kien doctor, xem deploy/y-kien",
        "run it as the service's user: y-kien doctor, see deploy/y-kien",
    ),
    "keys_apart": (
        "Khóa để riêng khỏi dữ liệu", "keys apart from the data",
        "đặt SECRETS_DIR ngoài DATA_DIR",
        "move SECRETS_DIR out of DATA_DIR",
    ),
    "keys_own": (
        "Chỉ trang đọc được khóa", "keys readable by the site alone",
        "chmod 700 thư mục khóa, 600 các tệp",
        "chmod 700 the folder, 600 its files",
    ),
    "escrow": (
        "Khóa đã chép ra giấy và gõ thử", "keys copied to paper and tried",
        "run.py keys escrow, rồi run.py keys restore",
        "run.py keys escrow, then run.py keys restore",
    ),
    "rotation": ("Không còn khóa cũ", "no old keys left", "chạy tiếp run.py keys rotate", "go on with run.py keys rotate"),
    "keys_aside": (
        "Còn bộ khóa đã được thay", "keyrings that others took the place of",
        "khi chắc rằng không bản sao lưu nào cần thì hủy tệp ấy",
        "destroy them once it is certain that no backup needs them",
    ),
    "disk": ("Chỗ trống trên đĩa", "disk space", "dọn hoặc thêm đĩa", "make room"),
    "https": (
        "HTTPS", "HTTPS",
        "đặt HTTPS=1, SITE_URL=https://…, sau máy chủ có chứng thư",
        "set HTTPS=1 and SITE_URL=https://… behind a server with a certificate",
    ),
    "database": ("Cơ sở dữ liệu trả lời", "database answers", "xem DATABASE_URL", "see DATABASE_URL"),
    "queue": ("Hàng đợi trả lời", "queue answers", "xem REDIS_URL; mở lại trang", "see REDIS_URL; start the site"),
    "worker": ("Tiến trình làm việc nền", "worker", "mở lại trang", "start the site"),
    "ticker": ("Tiến trình hẹn giờ", "ticker", "mở lại trang", "start the site"),
    "escalation": ("Việc nhắc hạn", "reminders of deadlines", "xem nhật ký của trang", "see the site's log"),
    "mail": ("Gửi thư", "mail", "đặt SMTP_HOST", "set SMTP_HOST"),
    "migrated": ("Dữ liệu đúng phiên bản", "data of this version", "mở lại trang", "start the site once"),
    "clock": ("Đồng hồ", "clock", "chỉnh giờ máy (NTP)", "set the clock (NTP)"),
    "dead_letters": (
        "Tin không gửi được", "notices given up",
        "xem trang Thư không tới của quản trị",
        "see the administrator's page of undelivered notices",
    ),
    "backup": ("Bản sao lưu mới nhất", "the newest backup", "run.py backup, hằng ngày", "run.py backup, daily"),
    "backup_never": ("Chưa sao lưu lần nào", "never backed up", "run.py backup, hằng ngày", "run.py backup, daily"),
    "backup_restored": (
        "Chưa sao lưu lại từ khi khôi phục", "not backed up again since it was restored",
        "giữ bản vừa khôi phục; run.py backup ngay, rồi bật lại hẹn giờ sao lưu trên máy này",
        "keep the backup it came from; run.py backup now, then turn the nightly one on again on this machine",
    ),
    "opens": ("Điều đã niêm phong mở được", "what is sealed opens", "khôi phục khóa hay bản sao lưu", "restore the keys or a backup"),
    "files": ("Tệp và dòng khớp nhau; tệp chờ dọn", "files and rows agree; files to be swept", "", ""),
    "files_missing": ("Có dòng mất tệp", "rows without their file", "khôi phục từ bản sao lưu", "restore from a backup"),
    "scanner": (
        "Máy quét mã độc trả lời; tệp chờ quét", "the scanner answers; files not scanned",
        "bật lại máy quét hoặc sửa CLAMAV_URL; tệp chờ được quét trong mười phút",
        "start the scanner again or mend CLAMAV_URL; what waits is scanned within ten minutes",
    ),
    "scanner_unset": (
        "Máy quét mã độc: chưa đặt CLAMAV_URL", "no scanner is set",
        "loại và nội dung tệp vẫn được kiểm, ảnh được ghi lại; nhưng không ai nhận ra mã độc đã biết trong tài liệu gửi lên",
        "files are still checked by content and photos written anew, but nothing recognises known malware in documents",
    ),
    "anchors": ("Nơi giữ mốc nhật ký", "where anchors are written", "cho trang quyền ghi, hoặc sửa ANCHOR_DIR", "let the site write there"),
    "anchors_unset": (
        "Mốc nhật ký ở máy khác: chưa đặt ANCHOR_DIR", "no folder elsewhere for anchors is set",
        "ai giữ máy này cắt được phần cuối nhật ký từ lá thư mốc gần nhất mà không ai thấy",
        "whoever holds this machine can cut the record off behind the last anchor that was mailed, unseen",
    ),
    "record": ("Nhật ký nguyên vẹn", "the record is whole", "xem run.py audit verify", "see run.py audit verify"),
}  # fmt: skip
_SIGNS = {Level.OK: "  ok  ", Level.UNSET: "  --  ", Level.WARN: "CHÚ Ý ", Level.BAD: " HỎNG "}


def line(finding: Finding) -> str:
    """Return *finding* as a line, and what to do below it."""
    vietnamese, english, todo, to_do = SENTENCES.get(finding.name, (finding.name, finding.name, "", ""))
    said = f"{_SIGNS[finding.level]}  {vietnamese} ({english}){': ' + finding.what if finding.what else ''}"
    return said if finding.level == Level.OK or not todo else f"{said}\n        → {todo} ({to_do})"
