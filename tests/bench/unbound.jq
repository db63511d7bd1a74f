# SPDX-License-Identifier: BSD-3-Clause
# unbound.jq - from lines of tests/bench/unbound to its JSON. Run with jq -Rn.
#
# A line, with tabs: round, setup, file, threads, asked, answered, lost, noerror, seconds, cpu seconds; or, when
# nobody asks: "rest", setup, threads, milliseconds of a processor in a second.
#
#   {"bench": "unbound", "unbound": "1.17.1", "rounds": 8, "clients": N, "holds": N, "window": N,
#    "rows": [{"setup": "observe", "file": "cached", "threads": 1, "questions": N in a round,
#              "cpu_s_per_million": SPREAD, "qps": SPREAD,
#              "ratio": SPREAD of the processor time, to "none" with as many threads in the same round,
#              "qps_ratio": the same of the throughput,
#              "busy": processors that it kept busy, the median,
#              "lost": N, "errors": N answers other than NOERROR, of all rounds}],
#    "threads": [{"setup": "observe", "file": "cached",
#              "gain": SPREAD of qps with two threads by qps with one,
#              "ratio": the same by that of "none"}],
#    "idle": [{"setup": "observe", "threads": 1, "ms_per_s": N of a processor when nobody asks}],
#    "budgets": [{"what": "...", "limit": 1.03, "at": SPREAD, "is": "met" | "missed"}]}
#
# SPREAD is {"median", "low", "high", "min", "max"}: low and high are the quartiles. Without a row to
# compare with, a ratio is null. New keys may come; these stay.

# Between the two values that lie next to it.
def at(share):
	sort | ((length - 1) * share) as $at | ($at | floor) as $i
	| .[$i] + (.[[$i + 1, length - 1] | min] - .[$i]) * ($at - $i);
def middle: at(0.5);
def rounded: . * 10000 | round / 10000;
def spread:
	map(select(. != null))
	| if length == 0 then null
	  else {median: middle, low: at(0.25), high: at(0.75), min: min, max: max} | map_values(rounded) end;

[inputs | split("\t")] as $lines
| [$lines[] | select(.[0] != "rest") | {
	round: .[0], setup: .[1], file: .[2], threads: (.[3] | tonumber), asked: (.[4] | tonumber),
	answered: (.[5] | tonumber), lost: (.[6] | tonumber), noerror: (.[7] | tonumber),
	seconds: (.[8] | tonumber), cpu: (.[9] | tonumber)
} | . + {per_million: (.cpu / .answered * 1e6), qps: (.answered / .seconds)}] as $runs
| def key(setup; threads): "\(.round) \(.file) \(setup) \(threads)";
($runs | map({key: key(.setup; .threads), value: .}) | from_entries) as $run
| def other(setup; threads): $run[key(setup; threads)];
def by(a; b): if a != null and b != null then a / b else null end;
{
	bench: "unbound", unbound: $unbound, rounds: ([$runs[].round] | unique | length),
	clients: $clients, holds: $holds, window: $window,
	rows: ($runs | group_by([.threads, .file, .setup]) | map({
		setup: .[0].setup, file: .[0].file, threads: .[0].threads, questions: .[0].asked,
		cpu_s_per_million: (map(.per_million) | spread),
		qps: (map(.qps) | spread),
		ratio: (map(by(.per_million; other("none"; .threads).per_million)) | spread),
		qps_ratio: (map(by(.qps; other("none"; .threads).qps)) | spread),
		busy: (map(.cpu / .seconds) | middle | rounded),
		lost: (map(.lost) | add), errors: (map(.answered - .noerror) | add)
	})),
	threads: ([$runs[] | select(.threads == 2)] | group_by([.file, .setup]) | map({
		setup: .[0].setup, file: .[0].file,
		gain: (map(by(.qps; other(.setup; 1).qps)) | spread),
		ratio: (map(by(by(.qps; other(.setup; 1).qps); by(other("none"; 2).qps; other("none"; 1).qps))) | spread)
	})),
	idle: [$lines[] | select(.[0] == "rest")
		| {setup: .[1], threads: (.[2] | tonumber), ms_per_s: (.[3] | tonumber | rounded)}]
}
| . as $all
| def budget(what; limit; at; met):
	at as $at | select($at != null)
	| {what: what, limit: limit, at: $at, is: (if $at | met then "met" else "missed" end)};
def row(file): first($all.rows[] | select(.setup == "observe" and .threads == 1 and .file == file) | .ratio) // null;
. + {budgets: [
	budget("processor time, cached, observe mode"; 1.03; row("cached"); .median <= 1.03),
	budget("processor time, missing, observe mode"; 1.02; row("missing"); .median <= 1.02),
	# Missed when three rounds of four say so: no single number is exactly 1.
	($all.threads[] | select(.setup == "observe")
	 | budget("two threads against one, \(.file), beside the same without a module"; 1; .ratio; .high >= 1))
]}
