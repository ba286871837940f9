"""Take the pictures of docs/tour.md from a site that runs with the demo: `.venv/bin/python docs/take_pictures.py http://localhost:8000`.

One matter goes its whole way meanwhile, pressed by hand from page to page: needs the environment of the tests (Playwright, Chromium).
"""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "tour"
PASSWORD = "thu-nghiem-2026"  # noqa: S105 - the demo's, as README.md says
WIDTHS = {360: 2400, 1280: 1800}  # px wide → px of height shown
CLERK, OFFICER, HEAD, RECORDS = "luong.thi.hanh", "than.van.luong", "giap.van.hoanh", "ngo.thi.lan.anh"
FRONT, ADMINISTRATOR = "vi.van.thuan", "nguyen.tuan.kiet"


class Visitor:
    """Somebody with a browser, signed in or not."""

    def __init__(self, browser: Browser, site: str, login: str = "") -> None:
        self.site, self.page = site, browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 900}).new_page()
        if login:
            self.go("/dang-nhap")
            self.page.fill("[name=email]", f"{login}@bacninh.example")
            self.page.fill("[name=password]", PASSWORD)
            self.page.click("main button")
            self.page.wait_for_url(lambda address: "/dang-nhap" not in address)

    def go(self, path: str) -> Page:
        """Open *path*, which must answer."""
        answer = self.page.goto(path if path.startswith("http") else f"{self.site}{path}")
        assert answer is not None
        assert answer.ok, f"{answer.status} {path}"
        return self.page

    def press(self, name: str) -> None:
        """Press that button of the page's main part."""
        self.page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()

    def first(self, pattern: str) -> str:
        """Return the first address on the page that matches."""
        found = (str(a.get_attribute("href")) for a in self.page.locator("main a").all())
        return next(each for each in found if re.search(pattern, each))

    def picture(self, name: str) -> None:
        """Keep the page as it stands, at both widths."""
        for width, height in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": 900})
            image = Image.open(io.BytesIO(self.page.screenshot(full_page=True))).convert("RGB")
            image = image.crop((0, 0, image.width, min(image.height, height)))
            if width > 1000:  # noqa: PLR2004 - a desk's picture is read at three quarters
                image = image.resize((960, image.height * 960 // image.width))
            image.save(FOLDER / f"{name}-{width}.webp", quality=55, method=6)
        self.page.set_viewport_size({"width": 360, "height": 900})

    def pictures(self, **paths: str) -> None:
        """Keep each page under its name."""
        for name, path in paths.items():
            self.go(path)
            self.picture(name.replace("_", "-"))


def walk(browser: Browser, site: str) -> None:  # noqa: PLR0915 - one story, told once
    """Let one matter go its way, and keep what each person sees."""
    citizen = Visitor(browser, site)
    page = citizen.page
    citizen.pictures(trang_dau="/", gui_y_kien="/gui-y-kien", da_tra_loi="/da-tra-loi", viec_da_hua="/viec-da-hua")
    citizen.go("/da-tra-loi")
    citizen.pictures(da_tra_loi_mot=citizen.first(r"^/da-tra-loi/BN"))
    citizen.go("/gui-y-kien")
    citizen.press("Xem lại trước khi gửi")
    citizen.picture("gui-y-kien-loi")
    page.get_by_role("radio", name="Báo một việc chưa ổn").check()
    page.get_by_label("Chuyện gì đã xảy ra?").fill("Rãnh thoát nước trước dãy nhà bị đất đá lấp, mưa là nước tràn vào nhà.")
    page.get_by_role("combobox", name="Xã, phường").fill("viet y")
    page.get_by_role("option", name="Việt Yên").click()
    page.get_by_role("textbox", name="Họ và tên", exact=True).fill("Nguyễn Thị Hợp")
    page.get_by_role("textbox", name="Số điện thoại").fill("0912 345 678")
    citizen.press("Xem lại trước khi gửi")
    citizen.picture("xem-lai")
    citizen.press("Gửi")
    page.locator(".slip .key").wait_for()
    code, key = page.locator(".slip .code").inner_text(), page.locator(".slip .key").inner_text()
    citizen.picture("bien-nhan")

    clerk = Visitor(browser, site, CLERK)
    clerk.pictures(can_bo_tiep_nhan="/can-bo/tiep-nhan", can_bo_nhap_ho="/can-bo/nhap")
    clerk.go("/can-bo/tiep-nhan")
    clerk.pictures(can_bo_phan_loai=clerk.first(r"^/can-bo/y-kien/"))

    item = f"/can-bo/y-kien/{code}"
    ward = Visitor(browser, site, RECORDS)
    ward.go(item)
    officer = Visitor(browser, site, OFFICER)
    officer.pictures(can_bo_viec="/can-bo/viec")
    officer.go(item)
    officer.press("Nhận xử lý")
    officer.page.get_by_role("link", name="Hỏi người gửi", exact=True).click()
    officer.page.get_by_label("Câu hỏi").fill("Rãnh bị lấp từ số nhà nào tới số nhà nào?")
    officer.press("Gửi câu hỏi")
    officer.picture("can-bo-y-kien")

    citizen.pictures(tra_cuu_cong_khai=f"/tra-cuu/{code}")
    citizen.pictures(tra_cuu_hoi_them=f"/t/{code}/{key.replace('-', '')}")
    page.get_by_role("textbox", name="Câu trả lời").fill("Từ số 12 tới số 20.")
    citizen.press("Gửi câu trả lời")

    officer.go(item)
    officer.press("Soạn văn bản trả lời")
    draft = officer.page
    draft.get_by_label("Ý này nói về").first.fill("Rãnh thoát nước")
    draft.get_by_label("Trả lời", exact=True).first.fill("Phường nạo vét rãnh từ số 12 tới số 20.")
    draft.get_by_label("Kết quả").first.select_option(label="Hứa làm, có ngày")
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=21)
    for label, value in (("Ngày", day.day), ("Tháng", day.month), ("Năm", day.year)):
        draft.get_by_label(label, exact=True).first.fill(str(value))
    officer.press("Trình")

    head = Visitor(browser, site, HEAD)
    head.pictures(lanh_dao_duyet="/can-bo/duyet", lanh_dao_don_vi="/can-bo/don-vi")
    head.go(item)
    paper = head.first(r"/van-ban/\d+$")
    head.pictures(lanh_dao_van_ban=paper)
    while (button := head.page.get_by_role("button", name=re.compile("^(Đồng ý, chuyển bước sau|Ký)$"))).count():
        button.click()
        head.go(paper)
    ward.go(paper)
    ward.page.get_by_label("Số và ký hiệu").fill("131/UBND-KT")
    ward.press("Ghi số và phát hành")
    citizen.pictures(tra_cuu_tra_loi=f"/t/{code}/{key.replace('-', '')}")

    front = Visitor(browser, site, FRONT)
    front.pictures(mat_tran_so_cam_ket="/can-bo/viec-da-cam-ket")
    front.go("/can-bo/viec-da-cam-ket")
    front.pictures(mat_tran_mot_viec=front.first(r"/viec-da-cam-ket/\d+$"))
    Visitor(browser, site, ADMINISTRATOR).pictures(
        quan_tri_thoi_han="/quan-tri/thoi-han",
        quan_tri_lich=f"/quan-tri/lich/{day.year}",
        quan_tri_dinh_tuyen="/can-bo/quan-tri/dinh-tuyen",
        quan_tri_don_vi="/quan-tri/don-vi",
    )


if __name__ == "__main__":
    with sync_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=program, args=options)
        walk(chromium, sys.argv[1].rstrip("/"))
        chromium.close()
