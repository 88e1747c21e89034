"""The script by which a shell completes verbs, keys and values of ``adverts``."""

from __future__ import annotations

import re
from collections.abc import Iterable

SHELLS = ("bash", "zsh")
_FLAGS = ("-cd", "--config-dir", "-cp", "--config-path", "-cn", "--config-name")
_PLAIN = re.compile(r"(?!-)[\w./:=,@%+~-]+")
_BASH = """\
_adverts_offer() {{
    local prefix="$1" line
    while IFS= read -r line; do
        case "$line" in
            -* | *=_* | *[!_./:=,@%+~[:alnum:]-]*) ;;
            "$prefix"*) COMPREPLY+=( "$line${{2-}}" ) ;;
        esac
    done
}}
_adverts() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" verb="${{COMP_WORDS[1]}}" line place value home=
    local flags=() before=()
    COMPREPLY=()
    if [ "$COMP_CWORD" -le 1 ]; then
        _adverts_offer "$word" " " <<< "{words}"
        return
    fi
    if [ "$verb" = help ]; then
        _adverts_offer "$word" <<< "{verbs}"
        return
    fi
    case $'\\n'"{verbs}"$'\\n' in *$'\\n'"$verb"$'\\n'*) ;; *) return ;; esac
    for (( place = 2; place < COMP_CWORD; place++ )); do
        case "${{COMP_WORDS[place]}}" in
            {flags})
                flags+=( "${{COMP_WORDS[place]}}" "${{COMP_WORDS[place + 1]}}" )
                if (( ++place >= COMP_CWORD )); then return; fi ;;
            -*) ;;
            *) before+=( "${{COMP_WORDS[place]}}" ) ;;
        esac
    done
    line="adverts ${{before[*]}} $word"
    _adverts_offer "$word" <<< "$(
        COMP_LINE="$line" COMP_POINT="${{#line}}" \\
            adverts "$verb" "${{flags[@]}}" -sc query=bash 2>/dev/null | tr ' ' '\\n'
    )"
    if [ "${{#COMPREPLY[@]}}" -eq 0 ] && [[ $word == *=* ]]; then
        value="${{word#*=}}"
        case "$value" in "~/"*) home="$HOME/" value="${{value#??}}" ;; esac
        for line in "$home$value"*; do
            if [ ! -e "$line" ] || [[ $line == *$'\\n'* ]]; then continue; fi
            if [ -d "$line" ]; then line="$line/"; fi
            if [ -n "$home" ]; then line="~/${{line#"$home"}}"; fi
            _adverts_offer "$word" <<< "${{word%%=*}}=$line"
        done
    fi
}}
COMP_WORDBREAKS="${{COMP_WORDBREAKS//=/}}"
COMP_WORDBREAKS="${{COMP_WORDBREAKS//:/}}"
complete -o nospace -o default -F _adverts adverts
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def plain_words(offered: str) -> list[str]:
    """Return the words of what Hydra offers that a shell can only take literally.

    They may come from a stranger's folder of settings, and nothing in them may be run. The script
    asks the same of each word that it reads.
    """
    return [word for word in offered.split() if _PLAIN.fullmatch(word)]


def completion_script(shell: str, verbs: Iterable[str], others: Iterable[str]) -> str:
    """Return the script for a shell to evaluate: ``eval "$(adverts completion bash)"``.

    Args:
        shell: One of :data:`SHELLS`.
        verbs: Verbs whose keys and values are completed, with the help of ``-sc query=bash``.
        others: Other words that are completed in place of a verb.
    """
    known = "\n".join(verbs)
    words, flags = "\n".join([known, *others]), "|".join(_FLAGS)
    script = _BASH.format(verbs=known, words=words, flags=flags)
    return _ZSH + script if shell == "zsh" else script
