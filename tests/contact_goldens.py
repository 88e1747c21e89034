"""Texts with fictional contacts, exactly how they are masked, and which contacts are the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Golden:
    """A text, its masked form, and a name for each contact: equal names, equal tokens."""

    text: str
    masked: str
    names: tuple[str, ...] = ()


def _one(text: str, masked: str, *names: str) -> Golden:
    return Golden(text, masked, names)


GOLDENS = (
    _one("", ""),
    _one("Call +44 7700 900142 tonight", "Call <PHONE> tonight", "phone"),
    _one("call 07700900142now", "call <PHONE>now", "phone"),
    _one("0044 (0)7700-900-142", "<PHONE>", "phone"),
    _one("WhatsApp 447700900142.", "WhatsApp <PHONE>.", "phone"),
    _one("07700\n900142", "<PHONE>", "phone"),
    _one("07700 900142 4 kişi", "<PHONE> 4 kişi", "phone"),
    _one("0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣4️⃣2️⃣ ✅", "<PHONE> ✅", "phone"),
    _one("٠٧٧٠٠ ٩٠٠١٤٢ للتواصل", "<PHONE> للتواصل", "phone"),
    _one("تماس: ۰۷۷۰۰\u200c۹۰۰۱۴۲", "تماس: <PHONE>", "phone"),
    _one("𝟎𝟕𝟕𝟎𝟎⭐𝟗𝟎𝟎⭐𝟏𝟒𝟐", "<PHONE>", "phone"),
    _one("⓪⑦⑦⓪⓪ ⑨⓪⓪①④②", "<PHONE>", "phone"),
    _one("０７７００＿９００＿１４２", "<PHONE>", "phone"),
    _one("O77OO 9OOl42", "<PHONE>", "phone"),
    _one("+44 77OO 9O0I42", "<PHONE>", "phone"),
    _one("0 7 7 0 0 9 0 0 1 4 2", "<PHONE>", "phone"),
    _one("zero double seven double zero nine double zero one four two", "<PHONE>", "phone"),
    _one("không bảy bảy không không chín không không một bốn hai", "<PHONE>", "phone"),
    _one("wa.me/447700900142", "<LINK>", "phone"),
    _one("viber://chat?number=%2B447700900142", "<LINK>", "phone"),
    _one("https://signal.me/#p/+447700900142", "<LINK>", "phone"),
    _one("07700 900142 / 07700 900143", "<PHONE> / <PHONE>", "phone", "other phone"),
    _one("06 39 98 00 12 ou +33 6 39 98 00 12", "<PHONE> ou <PHONE>", "french"),
    _one("tel: 0639,98,00,12", "tel: <PHONE>", "french"),
    _one("02.15 06 39 98 00 12", "02.15 <PHONE>", "french"),
    _one("£500\n07700 900142\n2 seats", "£500\n<PHONE>\n2 seats", "phone"),
    _one("@demo_fictional_07", "<HANDLE>", "name"),
    _one("insta: Demo_Fictional_07", "insta: <HANDLE>", "name"),
    _one("Telegram demo_fictional_07", "Telegram <HANDLE>", "name"),
    _one("©demo_ fictional_07", "<HANDLE>", "name"),
    _one("t.me/demo_fictional_07", "<LINK>", "name"),
    _one("t . me/demo_fictional_07", "<LINK>", "name"),
    _one("https://www.instagram.com/Demo_Fictional_07/?igsh=a1", "<LINK>", "name"),
    _one("tiktok.com/@demo_fictional_07", "<LINK>", "name"),
    _one("tg://resolve?domain=demo_fictional_07", "<LINK>", "name"),
    _one("t.me/+Demo0Fictional", "<LINK>", "invitation"),
    _one("https://t.me/joinchat/Demo0Fictional", "<LINK>", "invitation"),
    _one("chat.whatsapp.com/Demo0Fictional", "<LINK>", "group"),
    _one("chat.whatsapp.com/demo0fictional", "<LINK>", "another group"),
    _one("see https://ferry.example/Book/?utm_source=a, then", "see <LINK>, then", "page"),
    _one("hxxps://www.ferry[.]example/Book", "<LINK>", "page"),
    _one("ferry dot example/Book", "<LINK>", "page"),
    _one("ferry.example", "<LINK>", "site"),
    _one("ferry(.)example", "<LINK>", "site"),
    _one("WWW . FERRY . EXAMPLE", "<LINK>", "site"),
    _one("ferry,example", "<LINK>", "site"),
    _one("demo.01@ferry.example", "<EMAIL>", "mail"),
    _one("demo.01 (at) ferry (dot) example", "<EMAIL>", "mail"),
    _one("mailto:DEMO.01@ferry.example", "<EMAIL>", "mail"),
    _one("demo.01©ferry.example", "<EMAIL>", "mail"),
    _one("GB82 WEST 1234 5698 7654 32", "<WALLET>", "account"),
    _one("IBAN gb82west12345698765432", "IBAN <WALLET>", "account"),
    _one("GB82 WEST\n1234 S698 7654 32", "<WALLET>", "account"),
    _one("0x" + "0123456789abcdefABCD" * 2, "<WALLET>", "ether"),
    _one("0x0123456789abcdefabcd 0123456789abcdefabcd", "<WALLET>", "ether"),
    _one("passport no AB1234567", "passport no <DOCNO>", "document"),
    _one("Pasaport: ab 1234567", "Pasaport: <DOCNO>", "document"),
    _one("hộ chiếu số: AB 1234567", "hộ chiếu số: <DOCNO>", "document"),
    _one("گذرنامه شماره AB۱۲۳۴۵۶۷", "گذرنامه شماره <DOCNO>", "document"),
    _one("passport AB1234S67", "passport <DOCNO>", "document"),
    _one("<PHONE> or <LINK>", "<PHONE> or <LINK>"),
    _one("12.05.2026 14:30, 3 000 € - 45.000.000 đ", "12.05.2026 14:30, 3 000 € - 45.000.000 đ"),
    _one(
        "1850 | 2400 | 900, 24/7, 2 saat, 40 dakika", "1850 | 2400 | 900, 24/7, 2 saat, 40 dakika"
    ),
    _one("۱۲٬۵۰۰٬۰۰۰ تومان، ۴ نفر", "۱۲٬۵۰۰٬۰۰۰ تومان، ۴ نفر"),
)
