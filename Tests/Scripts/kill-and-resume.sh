#!/usr/bin/env bash
# Trains LeNet-5 on MNIST, kills the run (SIGKILL) at random times, resumes it each time with another number of
# threads, and compares all results with those of an uninterrupted run.
#
#   MNIST_DIR=DIR Tests/Scripts/kill-and-resume.sh [KILLS] [SEED]      default: 30 kills, seed 1
#
# The page cache survives a kill, so this does not test a loss of power. The tests of AtomicFile check that a file
# is synced to disk before it is renamed, and its folder afterwards.
set -euo pipefail
cd "$(dirname "$0")/../.."

kills=${1:-30}
RANDOM=${2:-1}
: "${MNIST_DIR:?set MNIST_DIR to the folder with the four files of MNIST}"
mnist=${MNIST:-$(swift build -c release --show-bin-path)/mnist}
[ -x "$mnist" ] || { echo "error: $mnist is missing; swift build -c release --product mnist" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# An array, not a function: a function in the background runs in a subshell, and the kill would hit the subshell.
train=("$mnist" train --data "$MNIST_DIR" --epochs 5 --json)
# Removes times and the name of the model file, which differ between identical runs.
timeless() { sed -E 's/,"(images_per_second|seconds)":[0-9.e+]+|,"model":"[^"]*"//g' "$@"; }
# The digest of a checkpoint's tensors: 61,706 parameters, m and v each. The header before them contains times.
tensors() { tail -c $((3 * 4 * 61706)) "$(ls "$1"/step-*.safetensors | tail -n 1)" | sha256sum; }

"${train[@]}" --quiet --checkpoint "$work/whole" --model "$work/whole.safetensors" > "$work/whole.jsonl"
done_kills=0
runs=0
while [ "$done_kills" -lt "$kills" ]; do
  runs=$((runs + 1))
  # Often a save after every update, so that many kills interrupt a save.
  every=$((RANDOM % 4 == 0 ? 1 : RANDOM % 60 + 1))
  "${train[@]}" --checkpoint "$work/run" --resume --every "$every" --keep $((RANDOM % 3 + 1)) \
    --threads $((RANDOM % 4 + 1)) >> "$work/run.jsonl" 2> "$work/now" &
  pid=$!
  # One kill in five at any time, the others after the run has resumed.
  if [ $((RANDOM % 5)) != 0 ]; then
    until grep -q "^LeNet-5" "$work/now" || ! kill -0 $pid 2> "$work/none"; do sleep 0.01; done
  fi
  sleep "0.$(printf %03d $((RANDOM % 350)))"
  kill -9 $pid 2> "$work/none" || true
  status=0
  wait $pid 2> "$work/none" || status=$?
  cat "$work/now" >> "$work/messages"
  case $status in
    137) done_kills=$((done_kills + 1)) ;;
    0) break ;;
    *) echo "error: run $runs ended with status $status" >&2; tail -n 5 "$work/messages" >&2; exit 1 ;;
  esac
done
"${train[@]}" --checkpoint "$work/run" --resume --model "$work/run.safetensors" >> "$work/run.jsonl" 2>> "$work/messages"

problems=0
check() { if ! eval "$2"; then echo "error: $1 differs" >&2; problems=1; fi; }
check "the model file" 'cmp "$work/whole.safetensors" "$work/run.safetensors"'
check "the optimizer's state" '[ "$(tensors "$work/whole")" = "$(tensors "$work/run")" ]'
check "a line of results" \
  'diff <(timeless "$work/whole.jsonl" | sort -u) <(timeless "$work/run.jsonl" | sort -u) >&2'
check "the set of temporary files" '[ -z "$(find "$work/run" -name "*.tmp")" ]'
if grep -q "warning" "$work/messages"; then grep "warning" "$work/messages" >&2; problems=1; fi
echo "$done_kills kills, $(grep -c "^resuming from" "$work/messages") resumes," \
  "$(grep -c "^resuming from.* batch" "$work/messages") of them in the middle of an epoch"
timeless "$work/run.jsonl" | tail -n 1
[ "$problems" = 0 ] && echo "all results equal those of the uninterrupted run"
exit "$problems"
