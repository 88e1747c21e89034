"""What may be written of the place of a posting: its address without what points elsewhere."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote_plus,
    unquote,
    urlencode,
    urlsplit,
    urlunsplit,
)

from adverts.inputs.letters.marks import normal

_MOST_URL, _MOST_ID = 2_000, 200
_ASCII = frozenset(map(chr, range(128)))
_UNSEEN = frozenset(("Cf", "Cc", "Cn", "Co", "Cs", "Mn", "Me"))
_NAME_A_POST = frozenset[str]().union(
    ("v", "id", "p", "w", "z", "t", "fbid", "story_fbid", "post", "postid", "post_id"),
    ("tid", "topic", "article", "item", "itemid", "item_id", "video", "videoid", "video_id"),
    ("media_id", "photo_id", "pid", "ad", "adid", "ad_id", "aid", "listing", "listing_id"),
)
"""Parameters of addresses that name a post on platforms and boards."""
_NAME_NO_POST = frozenset[str]().union(
    ("fbclid", "gclid", "dclid", "msclkid", "yclid", "twclid", "ttclid", "igsh", "igshid", "si"),
    ("mibextid", "ref", "ref_src", "ref_url", "source", "src", "feature", "share_id", "s", "lc"),
    ("session", "sessionid", "session_id", "sid", "token", "access_token", "auth", "key", "sig"),
    ("signature", "email", "phone", "user", "user_id", "uid", "comment", "comment_id", "reply"),
    ("tel", "mobile", "whatsapp", "wa", "viber", "telegram", "signal", "contact", "mail", "msisdn"),
    ("reply_comment_id", "thread", "q", "query", "search", "list", "index", "single"),
)
_TRACKING = re.compile(r"utm_.*|__.*__|.*clid|share_.*|sender_.*|is_from_.*", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_FEWEST_DIGITS = 9
"""Fewest digits by which the value of a parameter that names no post may be a phone number."""
_NAME, _VALUE = re.compile(r"[A-Za-z][\w.-]{0,39}"), re.compile(r"[\w.~:=-]{1,200}")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]+\]")
_TELEGRAM = ("t.me", "telegram.me", "telegram.dog")
_TELEGRAM_POST = re.compile(r"/(?:(?:s/)?[A-Za-z]\w{3,31}|c/\d{5,10})/\d{1,8}/?")
_MESSENGERS = (
    *("wa.me", "whatsapp.com", "signal.me", "signal.group", "viber.com", "viber.click", "vb.me"),
    *("m.me", "messenger.com", "ig.me", "line.me", "lin.ee", "zalo.me", "discord.gg", "kik.me"),
    *("skype.com", "imo.im", "threema.id", "u.wechat.com", "icq.im", "botim.me", "telegram.org"),
    *("teleg.run", "teleg.one", "tele.click", "telesco.pe", "t-do.ru", "tx.me", "tlgg.ru", "tg.me"),
    *("wa.link", "walink.co", "wame.pro", "wasap.my", "whats.link", "w.app", "chatwith.io"),
    *("open.kakao.com", "pf.kakao.com", "weixin.qq.com", "line.naver.jp", "matrix.to", "dsc.gg"),
    *("vk.me", "linktr.ee", "beacons.ai", "taplink.cc", "lnk.bio", "truecaller.com"),
)
"""Hosts of addresses that begin a conversation, and are never the place of a posting."""
_SCHEMES = "|".join(
    (
        *("https?", "ftp", "tel", "sms(?:to)?", "mms(?:to)?", "mailto", "callto", "sips?", "xmpp"),
        *("skype", "whatsapp", "viber", "tg", "signal", "sgnl", "intent", "imessage"),
        *("facetime(?:-audio)?", "fb-messenger", "wechat", "weixin", "threema", "zalo"),
        *("kakaotalk", "telegram", "ymsgr", "gtalk", "h323", "matrix", "im"),
        *("line(?=://)", "kik(?=://)", "discord(?=://)"),
    )
)
_CONTACT = re.compile(
    rf"[^\s/@?=&]@[^\s/@?=&]+\.[^\W\d]{{2,}}|(?<![a-z0-9])(?:{_SCHEMES}):"
    rf"|(?<![a-z0-9-])(?:{'|'.join(map(re.escape, (*_TELEGRAM, *_MESSENGERS)))})(?![a-z0-9-])",
    re.IGNORECASE,
)  # an e-mail or a link
_LETTERS = re.compile(r"[^\W\d_]+")
_STARTS = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-/.])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?P<sign>\+|(?<!\d)0)"
)  # a date, whose month and day start no number, or the start of a phone number
_FEWEST_OF_PHONE = {"+": 7, "0": 10}
"""Fewest digits of a phone number by its first sign; other numbers may be ids."""
_ENCODED_LETTER = re.compile(r"%[C-F][0-9A-F](?:%[89AB][0-9A-F])+", re.IGNORECASE)
_OTHER_ESCAPE = re.compile(r"%u([0-9a-f]{4})|=(2B|40)", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\w)@")
_LOOK_ALIKES = str.maketrans(
    {"。": ".", "۔": ".", "➕": "+", "∶": ":", "꞉": ":", "ː": ":"}
    | dict.fromkeys("ꞏ\u119e\u01c0\u01c1\u01c3", "·")  # letters that look like a dot or a bar
    | dict.fromkeys("\u115f\u1160", "")  # letters that nobody sees
)
_HIDES_A_QUERY = re.compile(r"[;?#&\\\x00-\x1f\x7f]|//")
_MOST_LAYERS = 20


def clean_url(url: str, platform_item_id: str = "") -> str:
    """Return the address of a posting without user name, fragment and what follows its readers.

    Nothing by which somebody can be reached is left in it, however often it is encoded: an address
    whose host begins conversations, or whose path holds a link, an e-mail or a phone number, is
    none. A bare number that may be an id stays, and so does ``@name`` in a path: on many platforms
    it is the page on which the post is. Of Telegram, addresses of single posts stay.

    The query is kept only where the path alone does not name the post, and of it the parameters
    that do: one whose value is the id of the post, and those by which platforms name posts. Where
    neither these nor an id name it, all are kept but known ones that track or name somebody else.

    Args:
        url: The address; any text.
        platform_item_id: Id of the post on its platform; empty if it is not known.

    Returns:
        The address; empty if it is not one of http or https, or holds what misleads a reader.
    """
    url = url.strip()
    if len(url) > _MOST_URL or not url.isprintable() or re.search(r"[\s\\]", url):
        return ""
    try:
        parts = urlsplit(url)
        host = _host(parts)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    path = parts.path.partition(";")[0]
    if _HIDES_A_QUERY.search(_decoded(path)) or _holds_contact(path):
        return ""
    is_post = _is_one_of(host, _TELEGRAM) and _TELEGRAM_POST.fullmatch(path)
    if not is_post and (_is_one_of(host, _MESSENGERS) or _holds_contact(_written(host))):
        return ""
    parts = parts._replace(path=path)
    named_by_path = _path_names_post(parts, platform_item_id)
    query = "" if named_by_path else _kept_query(parts, platform_item_id)
    return urlunsplit((parts.scheme.lower(), host, parts.path, query, ""))


def clean_id(platform_item_id: str) -> str:
    """Return the id of a posting; empty if it is too long, holds space or controls, or a contact.

    A contact is what :func:`clean_url` refuses in a path, and a handle such as ``@name``.

    Args:
        platform_item_id: The id; any text.
    """
    found = platform_item_id.strip()
    is_id = len(found) <= _MOST_ID and found.isprintable() and not re.search(r"\s", found)
    is_contact = is_id and (_HANDLE.search(_decoded(found)) or _holds_contact(found))
    return found if is_id and not is_contact else ""


def _decoded(text: str) -> str:
    """Return a text as the last of its readers sees it."""
    return _seen(_readings(text)[-1])


def _readings(text: str) -> Sequence[str]:
    """Return a text as each of its readers sees it, from one who decodes nothing to the last.

    What one of them reads as a number, the next may decode to something else. Where the text is
    encoded too often, the last of them could still decode it.
    """
    readings = [text]
    for _ in range(_MOST_LAYERS):
        before = readings[-1]
        for step in _STEPS:
            after = step(readings[-1])
            if after != readings[-1]:
                readings.append(after)
        if readings[-1] == before:
            break
    return readings


def _seen(text: str) -> str:
    """Return a text as a person sees it, with the digits of every script in ASCII.

    Signs that nobody sees, and marks, are left out. What looks like a point, a colon or a plus, or
    is read as one in the name of a host, becomes one.
    """
    text = normal("NFKC", text).translate(_LOOK_ALIKES)
    if text.isascii() and text.isprintable():
        return text
    shown = (one for one in text if unicodedata.category(one) not in _UNSEEN)
    return "".join(str(unicodedata.digit(one, one)) for one in shown)


def _unescaped(text: str) -> str:
    """Decode ``%u0040`` of old scripts and ``=40`` of mails."""
    return _OTHER_ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


_STEPS: tuple[Callable[[str], str], ...] = (unquote, html.unescape, _unescaped, _seen)


def _holds_contact(text: str) -> bool:
    """Return whether any reader of a text finds a contact in it, or it is encoded too often."""
    readings = _readings(text)
    last = readings[-1]
    if any(step(last) != last for step in _STEPS):
        return True
    shown = {_seen(one) for one in readings}
    return any(_CONTACT.search(one) or _holds_phone(one) for one in shown)


def _holds_phone(text: str) -> bool:
    """Return whether a text holds a number with a plus or a leading zero, as long as a phone's.

    Anything but letters may stand between its digits. A date before it is no part of it.
    """
    text = _ENCODED_LETTER.sub("x", text)
    text = text.translate({ord(one): _digit_or_separator(one) for one in set(text) - _ASCII})
    for run in _LETTERS.split(text):
        starts: dict[str, int] = {}
        for found in _STARTS.finditer(run):
            starts.setdefault(found["sign"] or "", found.start())
        for sign, fewest in _FEWEST_OF_PHONE.items():
            if sign in starts and len(_DIGIT.findall(run, starts[sign])) >= fewest:
                return True
    return False


def _digit_or_separator(letter: str) -> str:
    """Return the digit for a numeral such as 七, a hyphen for a modifier, any other as it is."""
    value = unicodedata.numeric(letter, -1)
    if value in range(10):
        return str(int(value))
    return "-" if unicodedata.category(letter) == "Lm" else letter


def _written(host: str) -> str:
    """Return the name of a host in the letters for which its labels stand."""
    return ".".join(map(_label, host.split(".")))


def _label(label: str) -> str:
    prefix, is_encoded, code = label.rpartition("xn--")
    if not is_encoded or prefix:
        return label
    try:
        return code.encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _host(parts: SplitResult) -> str:
    """Return host and port as networks know them; empty where there is no host.

    Raises:
        ValueError: The port is none, or the host cannot be one.
    """
    host = normal("NFKC", parts.hostname or "").lower().removesuffix(".")
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        host = host.encode("idna").decode()
    if not _HOST.fullmatch(host):
        return ""
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def _is_one_of(host: str, names: Sequence[str]) -> bool:
    bare = host.partition(":")[0].removesuffix(".")
    return any(bare == one or bare.endswith(f".{one}") for one in names)


def _path_names_post(parts: SplitResult, platform_item_id: str) -> bool:
    if platform_item_id and platform_item_id in dict(parse_qsl(parts.query)).values():
        return False
    segments = [one for one in parts.path.split("/") if one]
    if platform_item_id and any(platform_item_id in one for one in segments):
        return True
    last = segments[-1] if segments else ""
    return bool(_DIGIT.search(last)) and "." not in last


def _kept_query(parts: SplitResult, platform_item_id: str) -> str:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    named = [
        (name, value)
        for name, value in pairs
        if _NAME.fullmatch(name)
        and len(_DIGIT.findall(name)) < _FEWEST_DIGITS
        and not _holds_contact(f"{name}={value}")
        and (
            (name.lower() in _NAME_A_POST and _is_plain(value))
            or (platform_item_id and value == clean_id(platform_item_id))
        )
    ]
    if named or platform_item_id:
        return _query(named)
    return _query([one for one in pairs if _may_name_a_post(*one)])


def _is_plain(value: str) -> bool:
    """Return whether a value has no other parts, such as a host, in any encoding."""
    return _VALUE.fullmatch(value) is not None and not re.search(r"\.[^\W\d]{2}", value)


def _may_name_a_post(name: str, value: str) -> bool:
    if name.lower() in _NAME_NO_POST or _TRACKING.fullmatch(name) or not _NAME.fullmatch(name):
        return False
    digits = max(len(_DIGIT.findall(name)), len(_DIGIT.findall(value)))
    return digits < _FEWEST_DIGITS and _is_plain(value) and not _holds_contact(f"{name}={value}")


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return urlencode(pairs, quote_via=quote_plus)
