"""Disguises of words: emoji for words, and numbers as words or digits, in nine languages."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from adverts.evaluation.robustness.disguise_attempt import MASK, Attempt, language_of, replace_spans

# Each row: emoji, then the words of each language, alternatives separated by commas.
_LANGUAGES = ("en", "fr", "sq", "tr", "vi", "ar", "fa", "ckb", "ps")
_TABLE = """
⛵ 🚤 🛥️ | boat,boats,dinghy | bateau,bateaux,canot | varkë,varka,gomone | tekne,bot | thuyền,xuồng | قارب,قوارب,زورق | قایق | بەلەم,قایەق | کښتۍ
🚢 ⛴️ | ship,ferry | navire,ferry | anije,traget | gemi,feribot | tàu,phà | سفينة,عبارة | کشتی | کەشتی | بېړۍ
🚗 🚕 | car,taxi | voiture,taxi | makinë,taksi | araba,taksi | taxi,ô tô | سيارة,تاكسي | ماشین,تاکسی | ئۆتۆمبێل,تەکسی | موټر,ټکسي
🚚 🚛 | lorry,truck,van | camion,fourgon | kamion,furgon | kamyon,tır | xe tải | شاحنة | کامیون | لۆری | لارۍ
✈️ 🛫 | plane,flight,flights | avion,vol | avion,fluturim | uçak,uçuş | máy bay,chuyến bay | طائرة,رحلة | هواپیما,پرواز | فڕۆکە | الوتکه
💰 💵 💶 | money,cash | argent,espèces | para,lekë | para,nakit | tiền,tiền mặt | فلوس,نقدا,مال | پول,نقد | پارە,کاش | پیسې
📞 📱 | phone,call | téléphone,appelez | telefon,telefononi | telefon,arayın | điện thoại,gọi | هاتف,اتصال,اتصل | تلفن,تماس | تەلەفۆن,پەیوەندی | تلیفون,اړیکه
🏠 🏡 | house,room,flat | maison,chambre,logement | shtëpi,dhomë | ev,oda | nhà,phòng | بيت,غرفة,سكن | خانه,اتاق | خانوو,ژوور | کور,خونه
🛠️ 💼 | work,job,jobs | travail,emploi | punë,puna | iş | việc làm,công việc | عمل,شغل | کار | ئیش,کار | کار,دنده
🛂 📄 | passport,papers,documents,visa | passeport,papiers,visa | pasaportë,dokumente,vizë | pasaport,belge,vize | hộ chiếu,giấy tờ,visa | جواز,وثائق,تأشيرة,فيزا | پاسپورت,مدارک,ویزا | پاسپۆرت,ڤیزا | پاسپورت,ویزه
🌊 | sea,crossing | mer,traversée | det,deti,kalim | deniz,geçiş | biển | بحر,البحر,عبور | دریا,عبور | دەریا,پەڕینەوە | سمندر,بحر
🇬🇧 | uk,england,britain,london | angleterre,londres | angli,anglia,londër | ingiltere,londra | nước anh,luân đôn | بريطانيا,لندن,إنجلترا | انگلیس,بریتانیا,لندن | بەریتانیا,لەندەن | بریتانیا,لندن
🇫🇷 | france,calais | france,calais | francë,francë | fransa | pháp | فرنسا,كاليه | فرانسه,کاله | فەرەنسا,کالێ | فرانسه
🌙 🌃 | night,tonight | nuit,soir | natë,sonte | gece,akşam | đêm,tối nay | ليل,الليلة | شب,امشب | شەو,ئەمشەو | شپه,نن شپه
🛣️ ➡️ | road,route,trip,journey | route,trajet,voyage | rrugë,udhëtim | yol,yolculuk | đường,chuyến đi | طريق,سفر | راه,سفر | ڕێگا,گەشت | لاره,سفر
👨‍👩‍👧 👥 | family,people,person | famille,personnes,personne | familje,persona | aile,kişi | gia đình,người | عائلة,أشخاص,شخص | خانواده,نفر | خێزان,کەس | کورنۍ,کسان
"""  # noqa: E501 - one picture a line is what makes it readable
# Words of the numbers from zero to ten.
_NUMBERS = {
    "en": "zero one two three four five six seven eight nine ten",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix",
    "sq": "zero një dy tre katër pesë gjashtë shtatë tetë nëntë dhjetë",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz on",
    "vi": "không một hai ba bốn năm sáu bảy tám chín mười",
    "ar": "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
    "fa": "صفر یک دو سه چهار پنج شش هفت هشت نه ده",
    "ckb": "سفر یەک دوو سێ چوار پێنج شەش حەوت هەشت نۆ دە",
    "ps": "صفر یو دوه درې څلور پنځه شپږ اووه اته نهه لس",
}
# Words that far more often mean something else, such as articles and "no".
_NEVER_DIGITS = {"zero", "one", "zéro", "un", "një", "bir", "on", "không", "một"} | {
    "واحد",
    "صفر",
    "یک",
    "نه",
    "ده",
    "یەک",
    "سفر",
    "دە",
    "یو",
}
_NUMBER = r"(?<![\w.,:/<-])\d{1,6}(?!\w|[.,:/-]\d)"


def emoji(text: str, attempt: Attempt) -> str:
    """Replace a share of the words that are in the table by emoji."""
    pictures = _pictures().get(language_of(text, attempt), {})
    if not pictures:
        return text
    found = {
        match.span(): match.group()
        for match in _emoji_pattern(tuple(pictures)).finditer(text)
        if not match.group().startswith("<")
    }
    chosen = attempt.some(list(found))
    return replace_spans(
        text, {span: attempt.draw.choice(pictures[found[span].lower()]) for span in chosen}
    )


def emoji_languages() -> tuple[str, ...]:
    """Return the languages of the words in the emoji table."""
    return _LANGUAGES


@cache
def _pictures() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the emoji of each word, by language."""
    found: dict[str, dict[str, tuple[str, ...]]] = {lang: {} for lang in _LANGUAGES}
    for row in _TABLE.strip().splitlines():
        pictures, *columns = (part.strip() for part in row.split("|"))
        for lang, words in zip(_LANGUAGES, columns, strict=True):
            found[lang] |= dict.fromkeys(words.split(","), tuple(pictures.split()))
    return found


@cache
def _emoji_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"{MASK}|(?<!\w)(?:{longest_first})(?!\w)", re.IGNORECASE)


def number_words(text: str, attempt: Attempt) -> str:
    """Write a share of the numbers in the other form: digits as words, and words as digits.

    A number up to ten becomes one word, a larger one a word for each digit. Digits of every script
    count. Parts of dates, times and decimals are unchanged, and so are words that may be articles.
    """
    words = _words(language_of(text, attempt))
    if not words:
        return text
    found = {
        match.span(): _other_way(match.group(), words)
        for match in _number_pattern(words).finditer(text)
        if not match.group().startswith("<")
    }
    return replace_spans(text, {span: found[span] for span in attempt.some(list(found))})


def number_languages() -> tuple[str, ...]:
    """Return the languages in which numbers can be written out."""
    return tuple(_NUMBERS)


def _other_way(found: str, words: tuple[str, ...]) -> str:
    if not found[0].isdigit():
        return str(words.index(found.lower()))
    value = int(found)
    if value <= 10:
        return words[value]
    return " ".join(words[unicodedata.digit(digit)] for digit in found)


def _words(lang: str) -> tuple[str, ...]:
    return tuple(_NUMBERS.get(lang, "").split())


@cache
def _number_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    back = "|".join(word for word in words if word not in _NEVER_DIGITS)
    return re.compile(rf"{MASK}|{_NUMBER}|(?<!\w)(?:{back})(?!\w)", re.IGNORECASE)
