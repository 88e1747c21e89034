#!/usr/bin/env bash
# From a made-up collection of posts to their removal, each step by the command that a person types:
#   tests/mission/run.sh          20,000 posts in runs/mission: make demo-mission
#   tests/mission/run.sh small    600 posts in a temporary folder, for CI; in FOLDER with: small FOLDER
#   SEED=3 …                      other posts, another sample
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "${1:-full}" = small ]; then
  m=${2:-$(mktemp -d)}
  [ $# -gt 1 ] || trap 'rm -rf "$m"' EXIT
  mkdir -p "$m"
  collection=(--posts 600 --pictures 24 --networks 8 --adverts 90 --negatives 24)
  training=(data.source.adverts=900 data.source.images=0)
  model=(model=tfidf) # an encoder would take longer than all the rest
  budget=120 most=140 pairs=40 about=150
else
  m=runs/mission
  rm -rf "$m"
  mkdir -p "$m"
  collection=(--posts 20000 --pictures 400 --networks 40 --adverts 400 --negatives 200)
  training=(data.source.adverts=1800 data.source.images=90)
  model=(model=text trainer=frozen)
  budget=600 most=700 pairs=160 about=900
fi
python=${PYTHON:-.venv/bin/python}
adverts=${ADVERTS:-.venv/bin/adverts}
conf=$PWD/tests/mission/conf
export PYTHONPATH=${PYTHONPATH:+$PYTHONPATH:}tests
export ADVERTS_TOKEN_KEY="the made-up key of the mission" ADVERTS_LEDGER="$m/looks.jsonl"
export MLFLOW_DISABLE_TELEMETRY=true TOKENIZERS_PARALLELISM=false
TIMEFORMAT='%R %U'

seed=${SEED:-0}
steps=$(grep -c "^step " tests/mission/run.sh) at=0
step() { # names the step to which the times of the next commands belong
  step=$* at=$((at + 1))
  printf '\n== %s of %s: %s (after %s s of about %s)\n' "$at" "$steps" "$step" "$SECONDS" "$about"
}
run() { # prints a command as a person types it, runs it, and notes how long it took
  local shown
  shown=$(printf ' %q' "$@")
  echo "\$${shown}"
  { time "$@" 2>&3; } 3>&2 2>>"$m/seconds.txt" || { local status=$?; note; return "$status"; }
  note
}
note() { printf '%s\t%s\n' "$step" "$(tail -n 1 "$m/seconds.txt")" >>"$m/times.tsv"; }
rehearse() { run "$@" || [ $? -eq 3 ]; } # 3: written, and too little to judge by
people() { run "$python" -m mission.reviewers "$@"; }

step "collect: a made-up collection"
run "$python" -m mission.corpus "$m/collected" "${collection[@]}" --seed "$seed"

step "train a model on labelled adverts, judge it, export it"
run "$adverts" prepare data=synthetic "${training[@]}" prepared="$m/prepared/train" ocr.cache="$m/ocr"
run "$adverts" train "${model[@]}" 'model.inputs=[text,ocr]' prepared="$m/prepared/train" run_dir="$m/model" tracking=none
rehearse "$adverts" evaluate candidate="$m/model" prepared="$m/prepared/train" run_dir="$m/report" tracking=none min_positive_clusters=10 bootstrap_resamples=500
run "$adverts" export checkpoint="$m/model" prepared="$m/prepared/train" bundle_dir="$m/bundle" tracking=none

step "score everything that was collected"
run "$adverts" score -cd "$conf" data=mission data.root="$m/collected" bundle="$m/bundle" scores="$m/scores" evidence=restricted ocr_cache="$m/ocr"
run "$adverts" score scores="$m/scores" clusters=true

step "estimate how much there is"
run "$adverts" sample scores="$m/scores" sample_dir="$m/samples/w9" budget="$budget" seed="$((seed + 1))" reviews="$m/reviews.jsonl" ocr_cache="$m/ocr" \
  collected='made-up posts, collected between 5 January and 2 March 2026'
for round in 1 2 3; do
  [ -d "$m/samples/w9/round-$round" ] || break
  people sheet --truth "$m/collected/truth.csv" --sheet "$m/samples/w9/round-$round/sheet.csv" --round "$round" --out "$m/w9-$round.csv"
  run "$adverts" sample sample_dir="$m/samples/w9" labels="$m/w9-$round.csv" reviews="$m/reviews.jsonl"
done
rehearse "$adverts" estimate sample="$m/samples/w9" reviews="$m/reviews.jsonl" estimate_dir="$m/estimate" 'by=[platform]' tracking=none

step "look at what was flagged"
people queue --truth "$m/collected/truth.csv" --scores "$m/scores" --reviews "$m/reviews.jsonl" --most "$most"
people kept --posts "$m/collected/posts.csv" --reviews "$m/reviews.jsonl" --out "$m/collected/reviewed.csv"

step "link adverts to campaigns"
run "$adverts" prepare -cd "$conf" data=mission data.root="$m/collected" 'data.source.paths=[reviewed.csv]' data.unlabelled=true \
  prepared="$m/prepared/reviewed" ocr.cache="$m/ocr"
run "$adverts" link prepared="$m/prepared/reviewed" scores="$m/scores" reviews="$m/reviews.jsonl" bank="$m/bank"
run "$adverts" link bank="$m/bank" sheet="$pairs"
people pairs --truth "$m/collected/truth.csv" --sheet "$m/bank/sheets/build-0001/pairs.csv" --out "$m/judged.csv"
run "$adverts" link bank="$m/bank" judgements="$m/judged.csv" reviews="$m/reviews.jsonl"

step "share with a platform and with police"
run "$adverts" prepare -cd "$conf" data=mission_negatives data.root="$m/collected" prepared="$m/prepared/negatives" ocr=none
campaigns=$("$python" -m mission.reviewers campaigns --bank "$m/bank")
expires=$(date -u -d '+60 days' +%F 2>/dev/null || date -u -v+60d +%F)
share=("$adverts" share "ledger=$m/shared.jsonl" "bank=$m/bank" "reviews=$m/reviews.jsonl" tracking=none)
of_bank=("prepared=$m/prepared/reviewed" "negatives=$m/prepared/negatives" "campaigns=$campaigns" "expires=$expires")
run "${share[@]}" "${of_bank[@]}" recipient=demo-platform 'kinds=[notice,hashes]' purpose=removal 'approved_by=Ada Demo' share_dir="$m/out/platform"
run "${share[@]}" "${of_bank[@]}" recipient=demo-police 'kinds=[hashes,stix,misp]' purpose=investigation 'approved_by=Bo Demo' share_dir="$m/out/police"
run "${share[@]}" verify="$m/out/platform/send"

step "take one back that was a mistake, and read what the platform answered"
wrong=$("$python" -m mission.reviewers correct --truth "$m/collected/truth.csv" --share "$m/out/platform" --reviews "$m/reviews.jsonl")
run "${share[@]}" retract="$wrong" 'reason=a third person found that it should not have been shared' share_dir="$m/out/retracted"
withdrawal=$(sed -E 's/.*"(W-[0-9a-f]+)".*/\1/' "$m/out/retracted/demo-platform/share.json")
run "${share[@]}" confirm="$withdrawal"
run "$python" -m mission.platform "$m/out/platform/send" "$m/answers.csv" --without "$wrong"
run "${share[@]}" outcome="$m/answers.csv"
run "$adverts" link bank="$m/bank" scores="$m/scores" prepared="$m/prepared/reviewed" reviews="$m/reviews.jsonl"
run "${share[@]}" report_dir="$m/ledger"

step "the whole way on one page"
"$python" -m mission.index_page "$m"
echo "took $SECONDS s"
