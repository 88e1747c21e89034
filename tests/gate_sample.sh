#!/usr/bin/env bash
# Audit, train, evaluate, export and promote on the committed sample, with the real commands: tests/gate_sample.sh .venv/bin/adverts
# Text and OCR-image, small encoder, one epoch: it proves that the machinery holds, not that the model is good.
set -euo pipefail
adverts=$1 python=$(dirname "$1")/python
folder=$(mktemp -d)
trap 'for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done; wait; rm -rf "$folder"' EXIT
export MLFLOW_TRACKING_URI="sqlite:///$folder/mlflow.db" ADVERTS_LEDGER="$folder/looks.jsonl"
# The sample is far too small for any figure, and gate=first rightly answers that nobody can judge: only what is counted is asked,
# but for how much it answers: a text model reads half of the sample, and so few adverts ship no threshold, so that all are left to people.
easy=(~gate.conditions.ranks_well ~gate.conditions.ranks_well_everywhere ~gate.conditions.better_than_nothing
  ~gate.conditions.as_good_as_tfidf ~gate.conditions.calibrated ~gate.conditions.promises_kept
  ~gate.conditions.precision_promised ~gate.conditions.spares_look_alikes ~gate.conditions.answers_enough
  ~gate.conditions.ranks_well_in_service)
rehearse() { "$adverts" evaluate "$@" || [ $? -eq 3 ]; } # 3: written, and too little to judge by
step() { echo "gate-sample: $*"; }

of_model() { # MODEL PRECISION [WORDS OF TRAIN]: from a checkpoint to a bundle that the gate passed
  local model=$1 precision=$2
  step "train $model"
  "$adverts" train model="$model" trainer=debug trainer.epochs=1 prepared="$folder/prepared" run_dir="$folder/$model" "${@:3}"
  step "evaluate $model"
  rehearse candidate="$folder/$model" prepared="$folder/prepared" run_dir="$folder/$model/report" bootstrap_resamples=200 threads=1
  step "export $model"
  "$adverts" export checkpoint="$folder/$model" prepared="$folder/prepared" bundle_dir="$folder/$model/bundle" \
    bundle.precision="$precision"
  step "verify the bundle of $model"
  verify "$folder/$model/bundle"
  step "evaluate the bundle of $model, and hold it against the gate"
  "$adverts" evaluate candidate="$folder/$model/bundle" prepared="$folder/prepared" run_dir="$folder/$model/gate" \
    bootstrap_resamples=200 tracking=none threads=1 gate=first "${easy[@]}"
}

verify() { "$python" -m adverts.runtime "$1" --verify; }

refuse_corrupted() { # one weight of a bundle is another one
  step "refuse a bundle that was corrupted"
  cp -r "$1" "$folder/corrupted"
  printf 'corrupt' | dd of="$folder/corrupted/model.onnx" bs=1 seek=1000000 conv=notrunc status=none
  if verify "$folder/corrupted"; then
    echo "gate-sample: a corrupted bundle was called fit" >&2
    return 1
  fi
}

promote() {
  local record="$folder/$1/gate/gate.json"
  step "promote the bundle of $1"
  "$adverts" promote bundle_dir="$folder/$1/bundle" gate_record="$record" \
    gate_hash="$(sha256sum "$record" | cut -d' ' -f1)" registered_model=adverts-sample approved_by=gate-sample reason=rehearsal \
    accept_changed_gate="the sample is too small for figures" replace_champion="a rehearsal with two models"
}

roll_back() { "$adverts" promote rollback=true registered_model=adverts-sample approved_by=gate-sample reason=rehearsal; }

step prepare
"$adverts" prepare data=sample ocr.cache="$folder/ocr" prepared="$folder/prepared"
step "refuse to roll back what was never promoted" # it begins the store, which two at once could not
[ "$(roll_back >/dev/null 2>&1; echo $?)" = 2 ]
step audit
"$adverts" audit prepared="$folder/prepared" audit_dir="$folder/audit" fail_on.conflicting_clusters=0
# The two models know nothing of each other: each has a core.
export OMP_NUM_THREADS=1
set -m # as process groups, so that nothing of one outlives a failure of the other
of_model text_minilm int8 & text=$!
# Its encoder is five times as large: 8 bits, and all that is read from a picture, would take a minute more.
of_model ocr_image fp32 model.encoder.max_tokens=64 & ocr_image=$!
set +m
wait "$text"
wait "$ocr_image"
refuse_corrupted "$folder/text_minilm/bundle"
promote text_minilm
promote ocr_image
step rollback
roll_back
step passed
