#!/usr/bin/env bash
# Makes an archive of everything that the commands of today write: tests/old_data/make.sh 2026-12
# It is made once and never again: every release opens it, see test_old_data.py. A format that breaks it needs a new
# archive beside the old ones, and code that still opens those. Records hold the folder that they were made in, and names of
# the machine and of its user, so it is made in a folder and on a host that say nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=$1 m=old_data # records hold paths, so these are short and from here
trap 'rm -rf "$m"' EXIT
export LOGNAME=demo USER=demo ADVERTS_TOKEN_KEY="the made-up key of the mission" ADVERTS_LEDGER="$m/looks.jsonl"
export MLFLOW_DISABLE_TELEMETRY=true TOKENIZERS_PARALLELISM=false PYTHONPATH=tests
adverts=.venv/bin/adverts
bash tests/mission/run.sh small "$m"

.venv/bin/python -c "from pathlib import Path; from tiny_encoder import write_encoder; write_encoder(Path('$m/encoder'))"
for method in frozen fine_tune; do
  "$adverts" train model=text model.encoder.weights="'path:$m/encoder'" model.encoder.max_tokens=32 model.encoder.prefix="''" \
    trainer=debug trainer.method="$method" prepared="$m/prepared/train" run_dir="$m/$method" tracking=none
  "$adverts" evaluate candidate="$m/$method" prepared="$m/prepared/train" run_dir="$m/$method/report" tracking=none bootstrap_resamples=200
done
"$adverts" export checkpoint="$m/fine_tune" prepared="$m/prepared/train" bundle_dir="$m/bundle_fine_tune" tracking=none
# Figures, thresholds and a verdict need more independent adverts than the way of the mission has.
.venv/bin/python - "$m" <<'PYTHON'
import csv, random, sys
draw = random.Random(0)
telling = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(20)]
with open(f"{sys.argv[1]}/words.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(("id", "text", "label", "lang"))
    for number in range(6_000):
        positive = draw.random() < 0.3
        words = [f"word{draw.randrange(900)}" for _ in range(draw.randint(4, 16))]
        if positive and draw.random() < 0.95 or draw.random() < 0.02:
            words[draw.randrange(len(words))] = draw.choice(telling)
        rows.writerow((f"w{number}", " ".join(words), ("no", "yes")[positive], ("en", "sq", "en", "sq", "en", "sq", "ar")[number % 7]))
PYTHON
"$adverts" prepare data=csv data.name=words data.root="$m" 'data.source.paths=[words.csv]' data.columns.id=id data.columns.text=text \
  data.columns.lang=lang data.tasks.column=label data.tasks.positive=yes ocr=none prepared="$m/prepared/words"
"$adverts" train model=tfidf prepared="$m/prepared/words" run_dir="$m/words" tracking=none
"$adverts" evaluate candidate="$m/words" prepared="$m/prepared/words" run_dir="$m/gate" gate=first tracking=none bootstrap_resamples=500 \
  decisions.operating_prevalence=0.3 || [ $? -ne 2 ]

"$adverts" sample scores="$m/scores" sample_dir="$m/samples/planted" budget=40 planted=12 prepared="$m/prepared/train" \
  reviews="$m/reviews.jsonl" collected='made-up posts' seed=5

# Who asked for what: a look-up, a hold, an erasure in the bank and one in a dataset, a child in danger.
ids=$m/ids.txt
phone=$(sed -nE 's/.*(\+44 7700 900[0-9]{3}).*/\1/p' "$m/collected/reviewed.csv" | head -n 1)
"$adverts" link bank="$m/bank" find=- why='made-up case 7' <<<"$phone"
sed -n 2p "$m/collected/reviewed.csv" | cut -d, -f1 >"$ids"
"$adverts" link bank="$m/bank" hold="$ids" until="$(date -u -d '+300 days' +%F)" why='made-up case 7' who='Ada Demo'
sed -n 3p "$m/collected/reviewed.csv" | cut -d, -f1 >"$ids"
"$adverts" link bank="$m/bank" erase="$ids" reviews="$m/reviews.jsonl" why='made-up request' who='Ada Demo'
"$adverts" share ledger="$m/shared.jsonl" bank="$m/bank" reviews="$m/reviews.jsonl" tracking=none danger=minor_present \
  items="[$(sed -n 2p "$m/out/platform/keep/refused.csv" | cut -d, -f1)]" approved_by='Cleo Demo' reason='made-up child'
.venv/bin/python -c "import pyarrow.parquet as pq; print(pq.read_table('$m/prepared/negatives/shard-00000.parquet')['id'][0])" >"$ids"
"$adverts" prepare prepared="$m/prepared/negatives" erase="$ids" runs="$m" bank="$m/bank"

rm -rf "$m"/{collected/images,ocr,index.html,seconds.txt,times.tsv,ledger,encoder,ids.txt} "$m"/bank/pages "$m"/*_count.json.lock
find "$m" -not -path '*/send/*' \( -name '*.html' -o -name 'label_studio.*' -o -name '*.lock' -o -name '*.log' \) -delete
tar --sort=name --owner=0 --group=0 --numeric-owner -cf - "$m" | xz -9e >"tests/old_data/$name.tar.xz"
ls -l "tests/old_data/$name.tar.xz"
