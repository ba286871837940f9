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
STANDING_BODY, REMINDED = "nguy.thi.hanh", "nguyen.van.chien"
CHAIRMAN, TOWN_SECRETARY, WATER = "nguyen.viet.oanh", "chu.duc.manh", "quach.thi.ngan"
#: Sessions of the demo, by words of their topics.
SESSIONS = {
    "ready": "Nhà ở, trường học",
    "published": "Giải phóng mặt bằng",
    "announced": "Việc làm, khởi nghiệp",
    "archived": "Thoát nước",
}


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

    def link(self, words: str) -> str:
        """Return the address of the first link of the page's main part that says *words*."""
        return str(self.page.get_by_role("main").get_by_role("link", name=words).first.get_attribute("href"))

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


def sessions(browser: Browser, site: str) -> None:
    """Keep the dialogue sessions of the demo as each person sees them, and begin the one that is ready."""
    citizen = Visitor(browser, site)
    citizen.pictures(doi_thoai="/doi-thoai", tiep_cong_dan="/doi-thoai/tiep-cong-dan")
    citizen.go("/doi-thoai")
    found = {name: citizen.link(words) for name, words in SESSIONS.items()}
    ready, published, archived = found["ready"], found["published"], found["archived"]
    citizen.pictures(
        doi_thoai_sap_toi=ready,
        doi_thoai_dang_ky=f"{found['announced']}/dang-ky",
        doi_thoai_hoi_truoc=f"{found['announced']}/hoi",
        doi_thoai_ket_qua=published,
    )

    secretary = Visitor(browser, site, OFFICER)
    room = f"/can-bo{ready}"
    secretary.pictures(
        doi_thoai_chuan_bi=f"{room}/chuan-bi",
        doi_thoai_cau_hoi=f"{room}/cau-hoi",
        doi_thoai_nguoi_du=f"{room}/nguoi-du",
        doi_thoai_cam_ket_ky_truoc=f"{room}/cam-ket-ky-truoc",
        doi_thoai_ho_so=f"/can-bo{archived}/ho-so",
    )
    _begin(browser, site, secretary, room)
    page = secretary.go(f"{room}/ban")
    page.locator("[data-next] button").click()
    page.get_by_role("button", name="Nêu câu này").first.click()
    page.locator("#ghi [name=text]").fill("Ngõ vào khu trọ không có đèn, chị em tan ca đêm đi một mình. Bao giờ lắp?")
    page.locator("#ghi [name=comes_from]").fill("Tổ dân phố My Điền")
    page.locator("#ghi button").last.click()
    page.wait_for_timeout(1500)  # the desk sends and draws itself again
    secretary.picture("doi-thoai-ban-thu-ky")
    citizen.pictures(doi_thoai_man_hinh=f"{ready}/man-hinh", doi_thoai_tai_cho=f"{ready}/tai-cho")

    clerk = Visitor(browser, site, TOWN_SECRETARY)
    held = f"/can-bo{published}"
    clerk.pictures(doi_thoai_ket_luan=f"{held}/ket-luan", doi_thoai_bien_ban=f"{held}/bien-ban", doi_thoai_van_ban=f"{held}/van-ban")
    Visitor(browser, site, RECORDS).pictures(doi_thoai_cho_so="/can-bo/doi-thoai/van-ban/cho-so")
    Visitor(browser, site, WATER).pictures(doi_thoai_viec_theo_ket_luan="/can-bo/doi-thoai/viec")
    Visitor(browser, site, CHAIRMAN).pictures(
        doi_thoai_cac_buoi="/can-bo/doi-thoai/",
        doi_thoai_nghia_vu="/can-bo/doi-thoai/nghia-vu",
        doi_thoai_thong_ke="/can-bo/doi-thoai/thong-ke",
    )
    front = Visitor(browser, site, FRONT)
    front.pictures(mat_tran_doi_thoai=f"{held}/ket-luan")


def oversight(browser: Browser, site: str) -> None:
    """Keep what who follows up sees, what the unit under it sees, and what everybody sees of it."""
    front = Visitor(browser, site, FRONT)
    front.pictures(
        theo_doi_buc_tranh="/can-bo/viec-da-cam-ket/buc-tranh",
        theo_doi_so_lieu="/can-bo/so-lieu",
        theo_doi_theo_thang="/can-bo/so-lieu/theo-thang",
        theo_doi_xep_hang="/can-bo/xep-hang",
        theo_doi_ban_do="/can-bo/ban-do",
        theo_doi_kiem_tra="/can-bo/kiem-tra-thuc-te",
        theo_doi_mau="/can-bo/mau-kiem-tra",
        theo_doi_giam_sat="/can-bo/giam-sat",
        theo_doi_bieu_don="/can-bo/bao-cao/bieu-don",
        theo_doi_chi_tieu="/can-bo/bao-cao/chi-tieu",
        theo_doi_dang_theo_doi="/can-bo/dang-theo-doi",
    )
    for name, room, pattern in (
        ("theo-doi-ket-qua-kiem-tra", "/can-bo/kiem-tra-thuc-te?xem=da-xem", r"/kiem-tra-thuc-te/ket-qua/\d+$"),
        ("theo-doi-cuoc-giam-sat", "/can-bo/giam-sat", r"/giam-sat/cuoc/\d+$"),
    ):
        front.go(room)
        front.go(front.first(pattern))
        front.picture(name)
    standing = Visitor(browser, site, STANDING_BODY)
    standing.pictures(theo_doi_don_doc="/can-bo/don-doc", theo_doi_ai_cham="/can-bo/bao-cao/ai-cham")
    unit = Visitor(browser, site, REMINDED)
    unit.pictures(theo_doi_phai_tra_loi="/can-bo/phai-tra-loi")
    unit.pictures(theo_doi_mot_van_ban=unit.first(r"/phai-tra-loi/\d+$"))
    everybody = Visitor(browser, site)
    everybody.pictures(minh_bach="/minh-bach", du_lieu_mo="/du-lieu-mo")


def _begin(browser: Browser, site: str, secretary: Visitor, room: str) -> None:
    """Begin the session: by its secretary on its day, by the head with a reason on a later one."""
    step = f"{room}/buoc/bat-dau"
    page = secretary.go(step)
    if page.get_by_role("main").get_by_role("button", name="Bắt đầu họp", exact=True).count() == 0:
        head = Visitor(browser, site, HEAD)
        page = head.go(step)
        for box in page.locator("main textarea").all():
            box.fill("Dời buổi đối thoại, không kịp báo lại.")
        head.press("Bắt đầu họp")
    else:
        secretary.press("Bắt đầu họp")


if __name__ == "__main__":
    with sync_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=program, args=options)
        walk(chromium, sys.argv[1].rstrip("/"))
        sessions(chromium, sys.argv[1].rstrip("/"))
        oversight(chromium, sys.argv[1].rstrip("/"))
        chromium.close()
