<script>
// SPDX-License-Identifier: GPL-2.0-or-later
// overlap.js: put at the end of a copy of the report; says what touches or sticks out in #verdict.
const found = [];
for (const svg of document.querySelectorAll("svg")) {
	const frame = svg.getBoundingClientRect();
	const texts = [...svg.querySelectorAll("text")].map((t) => [t.textContent, t.getBoundingClientRect()]);
	texts.forEach(([a, r], i) => {
		if (r.left < frame.left - 0.5 || r.right > frame.right + 0.5 || r.bottom > frame.bottom + 0.5)
			found.push(`"${a}" sticks out of its figure`);
		for (const [b, s] of texts.slice(i + 1))
			if (r.left < s.right && s.left < r.right && r.top + 2 < s.bottom - 2 && s.top + 2 < r.bottom - 2)
				found.push(`"${a}" and "${b}" overlap`);
		if (r.height < 9)
			found.push(`"${a}" is ${r.height} pixels high`);
	});
}
for (const cell of document.querySelectorAll("td, th, p, li, h1, h2, h3"))
	if (cell.scrollWidth > cell.clientWidth + 1 && getComputedStyle(cell).display !== "inline")
		found.push(`"${cell.textContent.slice(0, 40)}" is wider than its box`);
if (document.documentElement.scrollWidth > innerWidth)
	found.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
const verdict = document.createElement("pre");
verdict.id = "verdict";
verdict.textContent = found.length ? found.slice(0, 8).join("; ") : "nothing";
document.body.append(verdict);
</script>
