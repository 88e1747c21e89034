"""The script by which a shell completes verbs, keys and values of ``adverts``."""

from __future__ import annotations

from collections.abc import Iterable

SHELLS = ("bash", "zsh")
_BASH = """\
_adverts() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" verb="${{COMP_WORDS[1]}}" line
    if [ "$COMP_CWORD" -le 1 ]; then
        COMPREPLY=( $(compgen -W "{words}" -- "$word") )
        COMPREPLY=( "${{COMPREPLY[@]/%/ }}" )
        return
    fi
    case " {verbs} " in *" $verb "*) ;; *) return ;; esac
    line="${{COMP_LINE:0:COMP_POINT}}"
    line="adverts ${{line#*"$verb"}}"
    COMPREPLY=( $(compgen -W "$(
        COMP_LINE="$line" COMP_POINT="${{#line}}" adverts "$verb" -sc query=bash 2>/dev/null
    )" -- "$word") )
}}
COMP_WORDBREAKS="${{COMP_WORDBREAKS//=/}}"
COMP_WORDBREAKS="${{COMP_WORDBREAKS//:/}}"
complete -o nospace -o default -F _adverts adverts
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def completion_script(shell: str, verbs: Iterable[str], others: Iterable[str]) -> str:
    """Return what a shell evaluates: ``eval "$(adverts completion bash)"``.

    Args:
        shell: One of :data:`SHELLS`.
        verbs: Whose keys and values are completed; each is asked by its own ``-sc query=bash``.
        others: Words that are typed in place of a verb.
    """
    known = " ".join(verbs)
    script = _BASH.format(verbs=known, words=" ".join([known, *others]))
    return _ZSH + script if shell == "zsh" else script
