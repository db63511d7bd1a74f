# SPDX-License-Identifier: BSD-3-Clause
# report.gnuplot - the plots of doc/performance.md. Called by report, which sets data, folder and titles.

set terminal svg size 860,460 font "sans-serif,13" background "white" noenhanced
set grid ytics lc rgb "#dddddd"
set border 3
set tics nomirror
set key top left

# --- observations: medians as bars, and up to the 99th percentile as whiskers

set output folder . "/observations.svg"
set title "One observation, tables warm, one thread: median, and whiskers up to the 99th percentile"
set ylabel "nanoseconds"
set logscale y
set yrange [50:*]
set style fill solid 0.8 noborder
set boxwidth 0.25
set xtics rotate by -20
plot data . "/observations" using ($0 - 0.27):2:xtic(1) with boxes lc rgb "#9ecae1" title "1 k clients", \
     "" using ($0 - 0.27):2:2:3 with yerrorbars lc rgb "#555555" pt 0 notitle, \
     "" using ($0):4 with boxes lc rgb "#4292c6" title "100 k", \
     "" using ($0):4:4:5 with yerrorbars lc rgb "#555555" pt 0 notitle, \
     "" using ($0 + 0.27):6 with boxes lc rgb "#084594" title "1 M", \
     "" using ($0 + 0.27):6:6:7 with yerrorbars lc rgb "#555555" pt 0 notitle, \
     100 lc rgb "#2ca02c" dt 2 title "budget of a hit", 500 lc rgb "#d62728" dt 2 title "budget of a miss"
unset logscale y
set yrange [*:*]

# --- detectors: what each adds to a miss for a known name

set terminal svg size 860,560 font "sans-serif,11" background "white" noenhanced
set output folder . "/detectors.svg"
set title "What each detector adds to a miss for a known name: alone, and as the last of all"
set ylabel "nanoseconds"
set boxwidth 0.4
set xtics rotate by -60
set key top right
plot data . "/detectors" using ($0 - 0.2):2:xtic(1) with boxes lc rgb "#4292c6" title "alone", \
     "" using ($0 + 0.2):3 with boxes lc rgb "#fd8d3c" title "last"

# --- growth: a line a series

set terminal svg size 860,460 font "sans-serif,12" background "white" noenhanced
set output folder . "/growth.svg"
set title "One observation, by how much there is"
set logscale x
set yrange [0:*]
set xtics norotate
set xlabel "number"
set format x "10^{%L}"
set key outside right
count = 1
do for [i = 1:strlen(titles)] { if (titles[i:i] eq "|") { count = count + 1 } }
# Titles have blanks in them, so they are cut at the bars by hand.
part(n) = substr_of(titles, n)
substr_of(s, n) = n == 1 ? (strstrt(s, "|") ? s[1:strstrt(s, "|") - 1] : s) : substr_of(s[strstrt(s, "|") + 1:*], n - 1)
plot for [i = 1:count] data . "/growth" index i - 1 using 1:2 with linespoints pt 7 ps 0.5 title part(i)
