# SPDX-License-Identifier: BSD-3-Clause
# report.gnuplot - the plots of doc/performance.md. Called by report, which sets data, folder, clients and unit.

set terminal svg size 980,460 font "sans-serif,11" background "white" noenhanced
set grid ytics lc rgb "#dddddd"
set border 3
set tics nomirror
set key outside top center horizontal
set datafile separator "\t"

# --- observations: medians as bars, and up to the 99th percentile as whiskers

set output folder . "/observations.svg"
set title "One observation, tables warm, one thread: median, and whiskers up to the 99th percentile"
set ylabel "nanoseconds"
set logscale y
set yrange [50:*]
set style fill solid 0.8 noborder
set boxwidth 0.25
set xtics rotate by 15 right
plot data . "/observations" using ($0 - 0.27):2:xtic(1) with boxes lc rgb "#9ecae1" title word(clients, 1) . " clients", \
     "" using ($0 - 0.27):2:2:3 with yerrorbars lc rgb "#555555" pt 0 notitle, \
     "" using ($0):4 with boxes lc rgb "#4292c6" title word(clients, 2), \
     "" using ($0):4:4:5 with yerrorbars lc rgb "#555555" pt 0 notitle, \
     "" using ($0 + 0.27):6 with boxes lc rgb "#084594" title word(clients, 3), \
     "" using ($0 + 0.27):6:6:7 with yerrorbars lc rgb "#555555" pt 0 notitle, \
     100 lc rgb "#2ca02c" dt 2 title "budget of a hit", 500 lc rgb "#d62728" dt 2 title "budget of a miss"
unset logscale y
set yrange [*:*]

# --- detectors: what each adds to a miss for a known name

set terminal svg size 860,560 font "sans-serif,11" background "white" noenhanced
set output folder . "/detectors.svg"
set title "What each detector adds to a miss for a known name: alone, and as the last of all"
set ylabel unit
set boxwidth 0.4
set xtics rotate by 60 right
set lmargin 14
set key inside top right vertical
plot data . "/detectors" using ($0 - 0.2):2:xtic(1) with boxes lc rgb "#4292c6" title "alone", \
     "" using ($0 + 0.2):3 with boxes lc rgb "#fd8d3c" title "last"

# --- growth: a plot for each thing that there can be more of, a line for each observation

set terminal svg size 860,640 font "sans-serif,11" background "white" noenhanced
set output folder . "/growth.svg"
unset lmargin
set multiplot layout 2,2 title "One observation, by how much there is"
set logscale x
set yrange [0:*]
set xtics norotate
set format x "%.0s%c"
set ylabel "nanoseconds"
set key bottom right
do for [of in "clients pairs holds entries"] {
	set title "by number of " . (of eq "entries" ? "list entries" : of)
	files = system("ls '" . data . "'/growth-" . of . "-*")
	plot for [file in files] file using 1:2 with linespoints pt 7 ps 0.5 lw 1.5 title columnheader(1)
}
unset lmargin
set multiplot
