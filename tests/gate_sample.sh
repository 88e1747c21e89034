#!/usr/bin/env bash
# Audit, train, evaluate, export and promote on the committed sample, with the real commands: tests/gate_sample.sh .venv/bin/adverts
# Text and OCR-image, small encoder, one epoch: it proves that the machinery holds, not that the model is good.
set -euo pipefail
adverts=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export MLFLOW_TRACKING_URI="sqlite:///$folder/mlflow.db"
# The sample is far too small for any figure, and gate=first rightly answers that nobody can judge: only what is counted is asked.
easy=(~gate.conditions.ranks_well ~gate.conditions.ranks_well_everywhere ~gate.conditions.calibrated
  ~gate.conditions.promises_kept ~gate.conditions.precision_promised ~gate.conditions.spares_look_alikes)
rehearse() { "$adverts" evaluate "$@" || [ $? -eq 3 ]; } # 3: written, and too little to judge by
step() { echo "gate-sample: $*"; }

step prepare
"$adverts" prepare data=sample ocr=easyocr ocr.cache="$folder/ocr" prepared="$folder/prepared"
step audit
"$adverts" audit prepared="$folder/prepared" audit_dir="$folder/audit" fail_on.conflicting_clusters=0
for model in text ocr_image; do
  step "train $model"
  "$adverts" train model="$model" trainer=debug trainer.epochs=1 prepared="$folder/prepared" run_dir="$folder/$model"
  step "evaluate $model"
  rehearse candidate="$folder/$model" prepared="$folder/prepared" run_dir="$folder/$model/report" bootstrap_resamples=200
  step "export $model"
  "$adverts" export checkpoint="$folder/$model" prepared="$folder/prepared" bundle_dir="$folder/$model/bundle"
  step "evaluate the bundle of $model"
  rehearse candidate="$folder/$model/bundle" prepared="$folder/prepared" run_dir="$folder/$model/bundle-report" \
    bootstrap_resamples=200 tracking=none
  step "hold the bundle of $model against the gate"
  "$adverts" evaluate candidate="$folder/$model/bundle" prepared="$folder/prepared" run_dir="$folder/$model/gate" \
    bootstrap_resamples=200 tracking=none gate=first "${easy[@]}"
  step "promote the bundle of $model"
  record="$folder/$model/gate/gate.json"
  "$adverts" promote bundle_dir="$folder/$model/bundle" gate_record="$record" \
    gate_hash="$(sha256sum "$record" | cut -d' ' -f1)" registered_model=adverts-sample approved_by=gate-sample reason=rehearsal
done
step rollback
"$adverts" promote rollback=true registered_model=adverts-sample approved_by=gate-sample reason=rehearsal
step passed
