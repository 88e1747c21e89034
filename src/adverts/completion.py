"""The script by which a shell completes verbs, keys and values of ``adverts``."""

from __future__ import annotations

from collections.abc import Iterable

SHELLS = ("bash", "zsh")
_FLAGS = ("-cd", "--config-dir", "-cp", "--config-path", "-cn", "--config-name")
_BASH = """\
_adverts() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" verb="${{COMP_WORDS[1]}}" line place
    local flags=() words=()
    if [ "$COMP_CWORD" -le 1 ]; then
        COMPREPLY=( $(compgen -W "{words}" -- "$word") )
        COMPREPLY=( "${{COMPREPLY[@]/%/ }}" )
        return
    fi
    if [ "$verb" = help ]; then
        COMPREPLY=( $(compgen -W "{verbs}" -- "$word") )
        return
    fi
    case " {verbs} " in *" $verb "*) ;; *) return ;; esac
    for (( place = 2; place < COMP_CWORD; place++ )); do
        case "${{COMP_WORDS[place]}}" in
            {flags})
                flags+=( "${{COMP_WORDS[place]}}" "${{COMP_WORDS[place + 1]}}" )
                if (( ++place >= COMP_CWORD )); then return; fi ;;
            -*) ;;
            *) words+=( "${{COMP_WORDS[place]}}" ) ;;
        esac
    done
    line="adverts ${{words[*]}} $word"
    COMPREPLY=( $(compgen -W "$(
        COMP_LINE="$line" COMP_POINT="${{#line}}" \\
            adverts "$verb" "${{flags[@]}}" -sc query=bash 2>/dev/null |
            tr ' ' '\\n' | grep -v '=_'
    )" -- "$word") )
    if [ "${{#COMPREPLY[@]}}" -eq 0 ] && [[ $word == *=* ]]; then
        for line in $(compgen -f -- "${{word#*=}}"); do
            if [ -d "$line" ]; then line="$line/"; fi
            COMPREPLY+=( "${{word%%=*}}=$line" )
        done
    fi
}}
COMP_WORDBREAKS="${{COMP_WORDBREAKS//=/}}"
COMP_WORDBREAKS="${{COMP_WORDBREAKS//:/}}"
complete -o nospace -o default -F _adverts adverts
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def completion_script(shell: str, verbs: Iterable[str], others: Iterable[str]) -> str:
    """Return the script for a shell to evaluate: ``eval "$(adverts completion bash)"``.

    Args:
        shell: One of :data:`SHELLS`.
        verbs: Verbs whose keys and values are completed, with the help of ``-sc query=bash``.
        others: Other words that are completed in place of a verb.
    """
    known = " ".join(verbs)
    words, flags = " ".join([known, *others]), "|".join(_FLAGS)
    script = _BASH.format(verbs=known, words=words, flags=flags)
    return _ZSH + script if shell == "zsh" else script
