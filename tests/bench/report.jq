# SPDX-License-Identifier: BSD-3-Clause
# report.jq - doc/performance.md, the engine's part, of the JSON of bench_engine (tests/bench/README).

def ns: round | tostring;
def signed: round | if . == 0 then "0" else tostring end;
def yes: if . then "yes" else "**no**" end;
def count: if . >= 1000000 then "\(. / 1000000) M" elif . >= 1000 then "\(. / 1000) k" else tostring end;
def table($head): "| " + ($head | join(" | ")) + " |",
	"|---|" + ($head[1:] | map("---:|") | join(""));
def row: "| " + (map(tostring) | join(" | ")) + " |";
def kinds: [.observations[] | select(.tables == "warm").kind] | reduce .[] as $kind ([]; if index([$kind]) then . else . + [$kind] end);
def keys_of_kinds: ["cache_hit", "known_name", "new_name", "answer"];

"## The engine",
"",
"Measured by `make bench` with Warden \(.version) on \(.date // "an unknown day"): \(.processor), " +
	"\(.processors) processors; compiled by \(.compiler); state in \(.memory) memory. Clock: \(.clock); " +
	"a reading takes \(.clock_overhead_ns * 10 | round / 10) ns, which are subtracted.",
"",
"### Budget",
"",
"One thread. Nobody's tables are empty for long, so these are warm and full ones.",
"",
table(["what", "budget", "tables", "clients", "measured", "met"]),
(.budget[] | [.what, "\(.budget_ns | ns) ns", .tables, (.clients | count), "\(.measured_ns | ns) ns", (.met | yes)] | row),
"",
"### Observations",
"",
"![median and 99th percentile by kind](bench/observations.svg)",
"",
"Nanoseconds, one thread: median / 99th percentile of looks timed one by one, and the mean of a " +
	"batch without timing in between. *Empty*: everybody is new. *Warm*: who asks is known, with all " +
	"their domains, for which they have asked 17 times. *Full*: the same, and strangers have all slots that are left, so what is new takes " +
	"one of theirs. A miss is two observations, the question and its answer.",
"",
(([.observations[].clients] | unique) as $clients | . as $all |
	table(["observation", "tables"] + ($clients | map("\(count) clients", "batch"))),
	(("warm", "full", "empty") as $tables | kinds[] as $kind |
		[$all.observations[] | select(.threads == 1 and .tables == $tables and .kind == $kind)] |
		select(length > 0) | sort_by(.clients) |
		[(if $tables == "empty" then ($kind | sub(", known name"; "")) else $kind end), $tables] +
		map("\(.median_ns | ns) / \(.p99_ns | ns)", (.batch_ns | ns)) | row)),
"",
"Looks that found no slot to count in, of all rows: \([.observations[].untracked] | add) of \([.observations[].looks] | add).",
"",
"### Threads",
"",
(([.observations[].clients] | unique | .[length / 2 | floor]) as $clients | . as $all |
	"Nanoseconds of CPU for a look, and wall time divided by the looks of all threads: \($clients | count) clients that all threads share, warm tables.",
	"",
	table(["observation"] + ([.observations[].threads] | unique | map("\(.) thread\(if . > 1 then "s" else "" end): CPU", "wall"))),
	(kinds[] as $kind | [$all.observations[] | select(.tables == "warm" and .clients == $clients and .kind == $kind)] |
		sort_by(.threads) | [$kind] + map((.cpu_ns | ns), (.wall_ns | ns)) | row)),
"",
"### Detectors",
"",
"![what each detector adds to a miss](bench/detectors.svg)",
"",
"Nanoseconds that a detector adds alone / as the last of all. Differences of a few nanoseconds are " +
	"noise, as the line for it shows: it is nothing at all, measured in the same way.",
"",
table(["detector", "cache hit", "known name", "new name", "answer"]),
(.detectors[] | select(.detector != "(none, all)") | . as $detector |
	[.detector] + (keys_of_kinds | map($detector[.] | "\(.alone_ns | signed) / \(.last_ns | signed)")) | row),
(.detectors[] | select(.detector == "(none, all)") | . as $detector |
	["*none of them / all*"] + (keys_of_kinds | map($detector[.] | "\(.none_ns | ns) / \(.all_ns | ns)")) | row),
"",
(select(.instructions) | .instructions |
	"The same in instructions, by valgrind's callgrind (`make bench-instructions`):",
	"",
	table(["detector", "cache hit", "known name", "new name", "answer"]),
	(.detectors[] | . as $detector |
		[.detector] + (keys_of_kinds | map("\($detector.alone[.] | signed) / \($detector.last[.] | signed)")) | row),
	(. as $all | ["*none of them / all*"] + (keys_of_kinds | map("\($all.none[.] | round) / \($all.all[.] | round)")) | row),
	""),
"### Growth",
"",
"![cost by how much there is](bench/growth.svg)",
"",
"The mean of a batch in nanoseconds, one thread. The exponent *e* is that of cost ~ number^*e*, by " +
	"least squares: 1 would be a scan, 0 is flat, and below 0.02 is called so. What is looked up does " +
	"not take more steps when there is more of it; it lies further from the processor.",
"",
table(["number of", "observation", "number: ns", "exponent", "flat"]),
(.growth[] | [.of, .kind, (.points | map("\(.[0] | count): \(.[1] | ns)") | join(", ")),
	(.exponent * 1000 | round / 1000), (.flat | yes)] | row),
"",
(select(.instructions) | .instructions |
	"In instructions:",
	"",
	table(["number of", "observation", "number: instructions"]),
	(.growth[] | [.of, (.kind | gsub("_"; " ")), (.points | map("\(.[0] | count): \(.[1] | round)") | join(", "))] | row),
	"")
