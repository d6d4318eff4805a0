#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# report.sh: the report as its readers meet it: byte for byte, and in a browser.
#
# The page of data/report.json is compared with data/report.{en,fr}.html; `UPDATE_GOLDEN=1 report.sh`
# writes these anew, to be looked at before they are committed. In the browser, overlap.js is added to a
# copy of the page: it looks for texts that touch each other in a figure, and for a page that scrolls sideways.
set -u
OUT=${OUT:-out/$(uname -m)}
bench=$OUT/bin/cloison-bench
here=$(dirname "$0")
dir=$(mktemp -d "${TMPDIR:-/tmp}/bench-report.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

ok() { echo "ok - report: $1"; }
not_ok() { echo "not ok - report: $1: $2"; }

check() {
	name=$1
	shift
	if "$@" >"$dir/said" 2>&1; then ok "$name"; else not_ok "$name" "$(head -n 1 "$dir/said")"; fi
}

if [ "$(uname -m)" != "$(basename "$OUT")" ]; then
	echo "skip - report: programs of another architecture"
	exit 0
fi

# page LANG - as LANG.html
page() {
	"$bench" report "$here/data/report.json" --lang "$1" --out "$dir/$1.html" >/dev/null
}

is_golden() {
	page "$1" || { echo "no report"; return 1; }
	[ "${UPDATE_GOLDEN:-}" != 1 ] || cp "$dir/$1.html" "$here/data/report.$1.html"
	cmp "$dir/$1.html" "$here/data/report.$1.html"
}

csv_is_golden() {
	[ "${UPDATE_GOLDEN:-}" != 1 ] || cp "$dir/report.csv" "$here/data/report.csv"
	cmp "$dir/report.csv" "$here/data/report.csv"
}

is_small_and_alone() {
	for lang in en fr; do
		[ "$(wc -c <"$dir/$lang.html")" -lt 1000000 ] || { echo "$lang: too large"; return 1; }
		! grep -q -E '(src|href)="?(https?:|//|/)|@import|url\(' "$dir/$lang.html" ||
			{ echo "$lang: refers to something else"; return 1; }
	done
}

# every figure by itself, as a file
figures_are_xml() {
	awk -v dir="$dir" '/<svg /{n++; on=1} on{print >(dir "/figure" n ".svg")} /<\/svg>/{on=0}
		END{print n+0}' "$dir/en.html" >"$dir/count"
	# a line may begin with the box around the figure
	sed -i 's/^.*<svg /<svg /' "$dir"/figure*.svg
	[ "$(cat "$dir/count")" -eq 12 ] || { echo "$(cat "$dir/count") figures"; return 1; }
	xmllint --noout "$dir"/figure*.svg
}

data_is_inside() {
	sed -n 's/.*id="results">\(.*\)<\/script>.*/\1/p' "$dir/en.html" >"$dir/inside.json"
	[ "$(jq '.samples | length' "$dir/inside.json")" -eq \
		"$(jq '.samples | length' "$here/data/report.json")" ]
}

# thirty times the samples: the page keeps its size and says what it left out
a_long_run_stays_small() {
	jq -c '.samples as $s | .samples = [range(60) as $i | $s[] | .block += 8 * $i]' \
		"$here/data/report.json" >"$dir/long.json" &&
		"$bench" report "$dir/long.json" --out "$dir/long.html" >/dev/null &&
		size=$(wc -c <"$dir/long.html") || return 1
	[ "$size" -lt 1000000 ] || { echo "$size bytes"; return 1; }
	grep -q 'samples of one block in' "$dir/long.html" &&
		[ "$(wc -l <"$dir/long.csv")" -eq \
			$((60 * $(jq '.samples | length' "$here/data/report.json") + 1)) ]
}

no_data_is_said() {
	jq -c '.samples = [] | .curves = [] | .summaries = [] | .ratios = [] | .memory = []
		| .scenarios = [] | .density = []' "$here/data/report.json" >"$dir/bare.json" &&
		"$bench" report "$dir/bare.json" --out "$dir/bare.html" >/dev/null &&
		[ "$(grep -c 'Not drawn: .* was not run' "$dir/bare.html")" -eq 10 ] &&
		! grep -q '<svg' "$dir/bare.html"
}

a_failed_self_test_hides_ratios() {
	jq -c '.selftest.passed = false' "$here/data/report.json" >"$dir/aa.json" &&
		"$bench" report "$dir/aa.json" --out "$dir/aa.html" >/dev/null &&
		grep -q 'self-test failed' "$dir/aa.html" && ! grep -q '1\.24 \[' "$dir/aa.html" &&
		grep -q 'not printed' "$dir/aa.html"
}

check "the English page is what was looked at" is_golden en
check "the French page is what was looked at" is_golden fr
check "the CSV has a line per sample, quoted where it must be" csv_is_golden
check "the page is under a megabyte and refers to nothing" is_small_and_alone
check "every figure is well-formed XML" figures_are_xml
check "the data are inside" data_is_inside
check "a long run makes no large page" a_long_run_stays_small
check "a figure without data says why" no_data_is_said
check "no ratio is printed when a system differs from itself" a_failed_self_test_hides_ratios

browser=$(command -v chromium-headless-shell || command -v chromium) || {
	echo "skip - report: in a browser: chromium-headless-shell is not installed"
	exit 0
}

# browse URL OPTION... - one visit, what it printed on the console into $dir/console
browse() {
	url=$1
	shift
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars \
		--user-data-dir="$dir/profile" --enable-logging=stderr --log-level=0 "$@" "$url" \
		2>"$dir/console"
}

# tidy WIDTH OPTION... - no message of the page on the console, nothing that touches or sticks out
tidy() {
	width=$1
	shift
	for lang in en fr; do
		sed "/<\/body>/e cat '$here/overlap.js'" "$dir/$lang.html" >"$dir/probe.html"
		browse "file://$dir/probe.html" --window-size="$width,2000" --dump-dom "$@" >"$dir/dom" ||
			{ echo "the browser failed: $(tail -n 1 "$dir/console")"; return 1; }
		! grep 'CONSOLE' "$dir/console" || return 1
		grep -q '<pre id="verdict">nothing</pre>' "$dir/dom" ||
			{ echo "$lang: $(sed -n 's/.*<pre id="verdict">//p' "$dir/dom")"; return 1; }
	done
}

# Scripts forbidden, as by a setting: the same picture, and no complaint that one was stopped. (The
# setting itself also stops what takes the picture.)
reads_without_javascript() {
	sed "s/<meta charset/<meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\">&/" \
		"$dir/en.html" >"$dir/noscript.html"
	browse "file://$dir/en.html" --window-size=1600,4000 --screenshot="$dir/on.png" &&
		browse "file://$dir/noscript.html" --window-size=1600,4000 --screenshot="$dir/off.png" &&
		! grep 'CONSOLE' "$dir/console" && [ -s "$dir/off.png" ] && cmp "$dir/on.png" "$dir/off.png"
}

dark_is_another_picture() {
	browse "file://$dir/en.html" --window-size=1600,4000 --screenshot="$dir/dark.png" \
		--blink-settings=preferredColorScheme=0 &&
		! grep 'CONSOLE' "$dir/console" && [ -s "$dir/dark.png" ] && ! cmp -s "$dir/on.png" "$dir/dark.png"
}

prints() {
	browse "file://$dir/en.html" --no-pdf-header-footer --print-to-pdf="$dir/page.pdf" &&
		[ "$(head -c 5 "$dir/page.pdf")" = "%PDF-" ] && [ "$(wc -c <"$dir/page.pdf")" -gt 20000 ]
}

# the check itself: two texts at one place
overlap_js_finds_one() {
	sed 's/<\/svg>/<text x="20" y="40">one<\/text><text x="24" y="42">two<\/text><\/svg>/' "$dir/en.html" \
		>"$dir/bad.html"
	sed -i "/<\/body>/e cat '$here/overlap.js'" "$dir/bad.html"
	browse "file://$dir/bad.html" --window-size=1600,2000 --dump-dom >"$dir/dom" &&
		grep -q '<pre id="verdict">.*"one" and "two" overlap' "$dir/dom"
}

check "an overlap would be found" overlap_js_finds_one
check "nothing overlaps at 390 pixels" tidy 390
check "nothing overlaps at 1600 pixels" tidy 1600
check "nothing overlaps in the dark" tidy 1600 --blink-settings=preferredColorScheme=0
check "it reads the same without JavaScript" reads_without_javascript
check "it follows a dark setting" dark_is_another_picture
check "it prints" prints
